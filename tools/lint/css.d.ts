// kit/explorer.py hands the text of a style sheet to the view that imports it.
declare module "*.css" {
  const text: string;
  export default text;
}
