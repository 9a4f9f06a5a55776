"""The words that the course keeps to."""

import re

HANGUL = re.compile("[가-힣]")
# The course's own word for each thing (the term table), and how else it is written elsewhere.
ONE_TERM = {
    "합성곱": "컨볼루션|콘볼루션|컨벌루션",
    "교차상관": "교차 상관|상호상관|상호 상관",
    "윈도": "윈도우",
    "피처맵": "피쳐맵|피쳐 맵|피처 맵|특징 맵|특징맵",
    "계층": "레이어",
    "가중치": "웨이트",
    "편향": "바이어스",
    "파라미터": "파라메터|매개변수|매개 변수",
    "활성화 함수": "활성 함수|활성함수|활성화함수",
    "수용 영역": "수용 영역대|수용장|수용영역",
    "딜레이션": "다일레이션|딜레이팅",
}
