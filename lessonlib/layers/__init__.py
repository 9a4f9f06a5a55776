"""What a layer computes, with NumPy alone."""
