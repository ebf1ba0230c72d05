"""What the review of the year of Long Biên shows, worked out by hand from the story's tables."""

NUMBERS = {
    "LB-01": 222,
    "LB-02a": 13,
    "LB-02b": 14,
    "LB-03": 49,
    "LB-04": 49,
    "LB-05": 8,
    "LB-06": 31,
    "LB-06a": 8,
    "LB-06b": 23,
    "LB-07": 65,
    "LB-08": 43,
    "LB-09": 29,
    "LB-10": 22,
    "LB-11a": 35,
    "LB-11b": 8,
    "LB-12a": 10,
    "LB-12b": 2,
    "LB-13": 5,
    "LB-14a": 25,
    "LB-14b": 25,
    "LB-15a": 6,
    "LB-15b": 9,
    "LB-16": 0,
    "LB-17a": 5,
    "LB-17b": 3,
    "LB-17c": 4,
    "LB-18a": 46,
    "LB-18b": 52,
    "LB-18c": 5,
    "LB-19a": 33,
    "LB-19b": 39,
    "LB-19c": 2,
    "LB-20a": 19,
    "LB-20b": 8,
    "LB-20c": 6,
    "LB-22a": 0,
    "LB-22b": 1,
    "LB-22c": 2,
    "LB-22d": 3,
    "LB-22e": 6,
    "LB-22f": 4,
    "LB-22g": 11,
    "LB-22h": 4,
}
"""Every number of the review that is not one number over another."""

SHARES = {
    "LB-02": ("LB-02a", "LB-02b", "13/14"),
    "LB-15": ("LB-15a", "LB-15b", "— (6/9)"),
    "LB-18": ("LB-18a", "LB-18b", "88,46 % (46/52)"),
    "LB-19": ("LB-19a", "LB-19b", "84,62 % (33/39)"),
    "LB-21": ("LB-03", "LB-01", "22,07 % (49/222)"),
}
"""Lines that set one number over another, and what they show; of fewer than 20 cases no change is said."""

ONLY_IN_SHARES = {"LB-02a", "LB-02b", "LB-18a", "LB-18b", "LB-19a", "LB-19b"}
"""Numbers that have no line of their own."""

FIGURES = {
    **{code: str(number) for code, number in NUMBERS.items() if code not in ONLY_IN_SHARES},
    **{code: shown for code, (_, _, shown) in SHARES.items()},
}
"""What each line shows."""

DECLARED = {
    "LB-01": 222,
    "LB-02": 13,
    "LB-03": 49,
    "LB-04": 49,
    "LB-05": 8,
    "LB-06": 31,
    "LB-07": 65,
    "LB-08": 43,
    "LB-09": 29,
    "LB-10": 22,
    "LB-11a": 35,
    "LB-11b": 8,
    "LB-12a": 10,
    "LB-12b": 2,
    "LB-13": 5,
    "LB-14a": 25,
    "LB-14b": 25,
    "LB-16": 0,
    "LB-21": 49,
}
"""What the source report gives in figures: so much of each line, of LB-02 out of 14, of LB-21 out of 222."""
