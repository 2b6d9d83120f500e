"""Words beside a formula that say when it holds, or that it does not: in English, German, and some French and Spanish."""

from __future__ import annotations

import re

CONDITION = "\ue000"
"""Stands for a formula, or a comparison in prose, that restricts what is said beside it."""
FORMULA = "\ue001"
"""Stands for any other formula."""
FILL = "\ue002"
"""Behind either of them, so that all other characters stay where they were."""

_ANY = f"[{CONDITION}{FORMULA}]{FILL}*"
_IF = r"""
    (?:if|when|whenever|unless|provided|as\ long\ as|(?:in|consider)\ (?:the\ )?case|suppos\w*|assum\w*|imagine
    |wenn|falls|sofern|solange|angenommen|im\ fall|si|lorsque|quand|cuando)"""
_FOR = r"(?:for|on|where|let|with|given|mit|f\u00fcr|fuer|pour|para|bei)"
_BETWEEN = rf"(?:(?!\b(?:since|because|as|weil|da|denn|car|porque|ya\ que)\b)[^.:!?{CONDITION}]){{0,60}}?"
"""A reason is no condition: `for w_2, since z_1 > 0`."""
_STATE = r"""
    (?:off|on|dead|inactive|active|(?:de)?activated|negative|positive|zero|clipped|saturated|switched|no|not|only
    |(?:true|correct|right|other|wrong)\ (?:class|label)\w*|without|were|had|drop\w*|ignor\w*|remov\w*|leave\ out
    |left\ out|neglect\w*|aus(?:geschaltet)?|inaktiv|aktiv|negativ\w*|positiv\w*|null|kein\w*|ohne|nur|inactif|inactiva)"""
_PART = rf"""
    (?:for|f\u00fcr|fuer)\ (?:(?:all|the|any|each|every|a|die|alle|allen|den|das)\ )*
    (?:other|true|correct|wrong|remaining|positive|negative|active|inactive|dead|ander\w+|richtige\w*|wahre\w*
    |falsche\w*|aktive\w*|inaktive\w*)\s+
    (?:class|entr|ind[ei]|label|component|unit|neuron|case|value|input|klasse|eintr|einheit|{_ANY})"""
_WITHOUT = r"""
    \b(?:without|ohne|sans|sin|ignoring|neglecting|omitting|leaving\ out|with\ (?:no|only)|with(?:out)?\ just)\s+
    (?!(?:the\ |any\ |this\ )?(?:loss\ of|further|more|simplif\w+|writing|proof|deriving|calculat\w+|using|brackets?|ind\w+
    |sub\w+|super\w+|argument\w*|intermediate|hats?|weiter\w*|beschr\w+|klammer\w*|perdre)\b)"""
_OTHER_NETWORK = r"\b(?:plain|ordinary|simple|normal|usual|sequential)\s+(?:network|net|chain|stack|mlp)\b"
_SUBJUNCTIVE = r"\bwould(?!\s+expect)\b|\b(?:w\u00e4re|w\u00fcrde|h\u00e4tte|erg\u00e4be|waere|wuerde|haette)\w*\b|\bserait\b"
_ELSE = r"\b(?:otherwise|sonst|andernfalls|sinon)\b|(?<!nothing\ )(?<!thing\ )\belse\b"
_CASE = rf"\b(?:case|fall|cas|caso)\s*(?:\d|[ivx]{{1,4}}\b|[a-d]\b|[^.:]{{0,20}}{CONDITION})(?:[^.{CONDITION}]{{0,20}}{CONDITION})?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


LEADS_CONDITION = _pattern(
    rf"""
    \b(?:{_IF}|{_FOR})\b{_BETWEEN}{CONDITION} | \b{_IF}\b[^:{CONDITION}]{{0,80}}?\b{_STATE}\b | \b{_PART} | {_WITHOUT}
    | {_OTHER_NETWORK} | {_SUBJUNCTIVE} | {_ELSE} | {_CASE} | ^\W*{CONDITION}{FILL}*[\s$)]*:
    """
)
"""Before a formula: it holds in a case, or for another network."""
STATES_CONDITION = _pattern(
    rf"\b(?:{_IF}|{_FOR}|case|fall|cas|caso)\b(?:\s+(?:that|the|where|when|dass|\d|[a-d]|[ivx]{{1,4}}))*[\s,($]*{CONDITION}$"
)
"""Up to a formula: it is the condition itself."""
IS_THE_CASE = _pattern(
    rf"{CONDITION}[^.]{{0,40}}?\b(?:here|hier|our|holds|true|unser\w*|is\ the\ case|der\ fall\ ist)\b | \bin\ our\ (?:case|example)"
)
"""The condition holds."""
_BEHIND = (
    rf"^[\s,;:(\[*_\u2013\u2014-]*(?:and\s{_ANY}[\s$]*)?(?:(?:but|and|only|exactly|aber|und|nur)\s+){{0,2}}"
)
FOLLOWED_BY_CONDITION = _pattern(
    rf"""
    {_BEHIND}(?:(?:{_IF}|{_FOR})\b{_BETWEEN}{CONDITION} | {_IF}\b[^:{CONDITION}]{{0,60}}?\b{_STATE}\b | {_PART}
    | {_ELSE} | {_WITHOUT})
    """
)
"""Behind a formula."""
BRACKETED_CONDITION = _pattern(rf"^\s*[,(]\s*\$?{CONDITION}{FILL}*\$?\s*(?:\)|[.,;]|$)")
"""`(z_1 > 0)` alone behind a formula."""
REFERS_BACK = _pattern(
    r"^\W*(?:then|in\ (?:this|that|such\ a|the\ (?:first|second))\ case|dann|in\ diesem\ fall|alors|entonces)\b"
)
"""What the sentence before says holds in this one."""
SETTLED = _pattern(
    r"""
    \b(?:together|combin\w+|in\ general|overall|in\ (?:both|all|either)\ cases|altogether|in\ total|instead(?!\ of)|corrected
    |correction|correctly|actually|in\ fact|with\ (?:it|the\ skip|skip)|must\ be|should\ be|the\ (?:correct|right)\ (?:one|result|answer|line|version)
    |should\ read|(?<!not\ )(?:right|correct)\ is|(?<!nicht\ )richtig\ (?:ist|w\u00e4re|lautet|muss)|richtig\w*\ (?:zeile|formel|ergebnis|wert)
    |zusammen\w*|insgesamt|allgemein|in\ beiden\ f\u00e4llen|stattdessen|korrigiert|korrektur|en\ g\u00e9n\u00e9ral|en\ general)\b
    """
)
"""What comes behind these words holds again."""

_WRONG = r"(?:wrong|incorrect|false|falsch|not\ (?:right|correct|true)|nicht\ (?:richtig|korrekt))"
LEADS_WRONG = _pattern(
    rf"""
    (?<!not\ )(?<!was\ )(?<!went\ )(?<!nothing\ )(?<!nicht\ )\b(?:wrong|incorrect|falsch)\b[\s!)\]*_:.$]*$
    | \b(?:one|you|we|someone|people|man)\s+(?:might|could|may|k\u00f6nnte)\s+(?:\w+\s+)?
      (?:think|believe|be\ tempted|meinen|denken|glauben)
    | \bit\ is\ {_WRONG}\ that\b
    | \b(?:instead\ of|rather\ than|anstatt|anstelle\ von)\s*(?:just\ |only\ |writing\ )?\$*$
    """
)
"""Before a formula: it is said not to hold."""
LEADS_DOUBT = _pattern(
    r"""
    \b(?:not|nicht|never)\s*\$*$ | \b(?:first|initial|old|erste\w*|alte\w*)\s+(?:try|attempt|idea|guess|version|versuch|ansatz)\b
    | \bat\ first\b | \bi\ (?:first|originally|initially)\b | \bzuerst\ (?:hatte|dachte) | \bnaiv\w* | \btempt\w* | \bmistak\w*
    | (?<!nothing\ )(?<!not\ )\b(?:wrong|incorrect|falsch)\w* | (?<!not\ )(?<!n't\ )(?<!never\ )\bforg[eo]t\w* | \bvergess\w*
    """
)
"""Before a formula: it may not hold."""
NEGATED = _pattern(
    r"(?:\b(?:not|nothing|never|nicht|nichts|nie)\b|n't\b)[^.,:]{0,15}?\b(?:wrong\w*|incorrect\w*|falsch\w*|forg[eo]t\w*|vergess\w*)"
)
"""Nobody takes back what is not wrong."""
_STARTS = r"^[\s.,;:!*_$\u2013\u2014-]*"
_NO = r"""
    (?:(?:no|nope|oops|oh|ah|wait|stop|sorry|hm+|nein|ups|ach|halt|moment|quatsch|non)\b[\s,.!:;*_\u2013\u2014-]*){1,3}"""
"""What somebody says who sees a mistake."""
_BUT = rf"(?:(?:but|however|aber|doch),?\s+|{_NO})?"
_IT = r"(?:this|that|it|which|das|dies|was)"
FOLLOWED_BY_WRONG = _pattern(
    rf"""
    ^[\s,*_]*[(\[\u2013\u2014-]+\s*{_WRONG}[\s!*_]*[)\].!,]
    | {_STARTS}{_BUT}{_IT}\s+(?:is|was|ist|war|cannot\ be)\s+{_WRONG}
      (?=\W*(?:$|[.!;,:)]|because|since|as\b|weil|da\b))
    | {_STARTS}{_NO}{_WRONG}(?=\W*(?:$|[.!;,:)]))
    | {_STARTS}(?:(?:but|however|aber|doch),?\s+)?{_IT}\s+(?:forgets|forgot|misses|overlooks|lacks|vergisst|\u00fcbersieht)\b
    """
)
"""Behind a formula: it is said not to hold."""
FOLLOWED_BY_DOUBT = _pattern(
    rf"""
    ^[\s~*_]*\([^()]{{0,60}}(?<!not\ )(?<!nicht\ )\b(?:wrong|incorrect|falsch)\b |
    {_STARTS}(?:(?:but|however|aber|doch),?\s+)?(?:{_IT}|i)\s+(?:is|was|ist|war|forg[eo]t\w*|ignores?|neglects?|leaves?\ out|drops?|omits?|cannot)
    \s+(?:missing|wrong|incorrect|not|falsch|nicht|only|just|the|a|one|nur|be)\b(?!\ to\b)
    """
)
"""Behind a formula: it may not hold."""
AFFIRMED = _pattern(r"^[^.]{0,60}\b(?:indeed|is (?:right|correct|true)|tats\u00e4chlich)\b")
"""Behind a formula that was doubted."""
