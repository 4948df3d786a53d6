"""The seventeen items that an investigator asks for, in that order, each with its provision."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the binder."""

    number: int
    key: str
    title: str
    citation: str


ITEMS: Final = tuple(
    Item(number, *row)
    for number, row in enumerate(
        (
            ("analysis", "Risk analysis", "45 CFR 164.308(a)(1)(ii)(A)"),
            ("plan", "Risk management plan and proof", "45 CFR 164.308(a)(1)(ii)(B)"),
            ("policies", "Policies and procedures", "45 CFR 164.316(a)-(b); 164.530(i)"),
            ("inventory", "Inventory and data flows", "45 CFR 164.308(a)(1)(ii)(A); 164.310(d)(2)(iii)"),
            ("agreements", "Business associate agreements", "45 CFR 164.308(b); 164.502(e); 164.504(e)"),
            ("training", "Training", "45 CFR 164.308(a)(5); 164.530(b)"),
            ("review", "Review of activity", "45 CFR 164.308(a)(1)(ii)(D); 164.312(b)"),
            ("incidents", "Incidents and breaches", "45 CFR 164.308(a)(6); 164.400-164.414"),
            ("access", "Access", "45 CFR 164.308(a)(3)-(4); 164.312(a)"),
            ("decisions", "Addressable specifications", "45 CFR 164.306(d)(3)"),
            ("contingency", "Contingency", "45 CFR 164.308(a)(7)"),
            ("media", "Media and their disposal", "45 CFR 164.310(d)"),
            ("sanctions", "Sanctions", "45 CFR 164.308(a)(1)(ii)(C); 164.530(e)"),
            ("evaluations", "Evaluations", "45 CFR 164.308(a)(8)"),
            ("requests", "Patients' requests for access", "45 CFR 164.524; 164.528"),
            ("officials", "Officials", "45 CFR 164.308(a)(2); 164.530(a)(1)"),
            ("practices", "Recognised security practices", "Public Law 116-321; 42 U.S.C. 17941"),
        ),
        start=1,
    )
)
BY_KEY: Final = {item.key: item for item in ITEMS}
