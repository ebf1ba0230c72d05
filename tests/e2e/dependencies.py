"""Which change of the story moves which lines of the review, and by how much: worked out by hand."""

from tests.e2e.changes import FREE, Change

PLACES = [
    Change("a group more")
    .and_with("groups", f"group-CK-99,Q004-00154-v1,99,2020-01-02,{FREE},2020-01-02")
    .moving(LB_01=1),
    Change("a group less").but_without("groups", "group-NL-17").moving(LB_01=-1),
    Change("a group formed within the period")
    .and_with("groups", f"group-CK-98,Q004-00154-v1,98,2022-02-01,{FREE},2022-01-13")
    .moving(LB_01=1, LB_22h=1),
    Change("a group with its building's link, its cell and its head less")
    .but_without("groups", "group-VH-15")
    .but_without("links", "building-N25-VH-15")
    .but_without("cells", "cell-VH-15-VH-15")
    .but_without("bodies", "VH-15-HEAD")
    .moving(LB_01=-1, LB_03=-1, LB_04=-1, LB_22c=-1, LB_22d=-1, LB_22e=-1, LB_22f=-1, LB_22g=-1, LB_22h=-1),
    Change("a building in use in the ward that had none")
    .and_with(
        "buildings",
        "building-N51,Q004-00154-v1,Nhà chung cư minh họa N51,Phố Minh Họa,1,9,90,yes,2019,MULTIPLE,2019-06-03,"
        f"{FREE},2019-06-03",
    )
    .and_with("uses", f"building-N51,2019-09-03,{FREE}")
    .moving(LB_02a=1),
    Change("the only building of a ward not in use")
    .but_without("uses", "building-N41")
    .moving(LB_02a=-1, LB_03=-1, LB_04=-1, LB_22e=-1, LB_22g=-1)
    .showing("group-LB-16"),
    Change("a building linked to one group more")
    .and_with("links", f"building-N02-TT-01,building-N02,group-TT-01,2022-02-01,{FREE}")
    .moving(LB_03=1, LB_18b=1, LB_22a=1, LB_22b=1, LB_22c=1, LB_22d=1, LB_22e=1, LB_22f=1, LB_22g=1),
    Change("a building not linked to its group")
    .but_without("links", "building-N02-TT-18")
    .moving(LB_03=-1, LB_04=-1, LB_18a=-1, LB_18b=-1),
]

CELLS_AND_BODIES = [
    Change("a group without its cell").but_without("cells", "cell-NT-07-NT-07").moving(LB_04=-1, LB_22a=1),
    Change("a group whose cell answers no longer")
    .and_with("cells_ended", f"cell-TT-11-TT-11,cell-TT-11,group-TT-11,2022-06-01,{FREE},Đảng ủy")
    .moving(LB_04=-1, LB_22a=1),
    Change("a second cell beside the first")
    .and_with("cells", f"cell-NT-22-2,cell-NT-22-2,group-NT-22,2022-03-01,{FREE},Đảng ủy")
    .moving(LB_04=1),
    Change("no head").but_without("bodies", "SD-05-HEAD").moving(LB_22b=1),
    Change("a head again")
    .and_with("bodies_again", f"TB-07-HEAD-2,group-TB-07,HEAD,2022-11-15,{FREE},UBND")
    .moving(LB_22b=-1),
    Change("no Front committee").but_without("bodies", "SD-05-FRONT_COMMITTEE").moving(LB_22c=1),
    Change("a Front committee")
    .and_with("bodies", f"VH-15-F,group-VH-15,FRONT_COMMITTEE,2022-11-15,{FREE},MTTQ")
    .moving(LB_22c=-1),
    Change("no women's association").but_without("bodies", "SD-05-WOMEN").moving(LB_22d=1),
    Change("a women's association")
    .and_with("bodies", f"NL-15-W,group-NL-15,WOMEN,2022-11-15,{FREE},Hội")
    .moving(LB_22d=-1),
    Change("no veterans' association").but_without("bodies", "SD-05-VETERANS").moving(LB_22e=1),
    Change("a veterans' association")
    .and_with("bodies", f"SD-10-V,group-SD-10,VETERANS,2022-11-15,{FREE},Hội")
    .moving(LB_22e=-1),
    Change("no elderly association").but_without("bodies", "SD-05-ELDERLY").moving(LB_22f=1),
    Change("an elderly association")
    .and_with("bodies", f"TB-17-E,group-TB-17,ELDERLY,2022-11-15,{FREE},Hội")
    .moving(LB_22f=-1),
    Change("no youth association").but_without("bodies", "SD-05-YOUTH").moving(LB_22g=1),
    Change("a youth association")
    .and_with("bodies", f"TT-11-Y,group-TT-11,YOUTH,2022-11-15,{FREE},Đoàn")
    .moving(LB_22g=-1),
    Change("a body that ends the day after").and_with("bodies_ended", f"TT-18-HEAD,2022-12-02,{FREE},UBND"),
]

BOARDS = [
    Change("a new board")
    .and_with("boards", f"board-41,building-N19,2022-06-05,{FREE},2022-06-16")
    .and_with("members", "board-41,person-031,HEAD", "board-41,person-032,DEPUTY", "board-41,person-033,MEMBER")
    .moving(LB_05=1, LB_18b=1, LB_19b=1),
    Change("a board recognised the day before the period")
    .and_with("boards", f"board-42,building-N04,2021-07-04,{FREE},2021-09-29")
    .and_with("members", "board-42,person-034,HEAD", "board-42,person-035,DEPUTY", "board-42,person-039,MEMBER")
    .moving(LB_18b=1, LB_19b=1),
    Change("a board recognised the day after the period")
    .and_with("boards", f"board-43,building-N41,2022-11-20,{FREE},2022-12-02")
    .and_with("members", "board-43,person-040,HEAD", "board-43,person-044,DEPUTY", "board-43,person-045,MEMBER"),
    Change("a new board less, with three of the 65 on it")
    .but_without("boards", "board-40")
    .moving(LB_05=-1, LB_07=-3, LB_08=-2, LB_09=-1, LB_18b=-2, LB_19b=-1),
    Change("a board not reviewed").but_without("reviews", "board-28-2021-09-30").moving(LB_06=-1, LB_06a=-1),
    Change("one board more reviewed")
    .and_with("reviews", f"board-11-2021-12-15,board-11,2021-12-15,{FREE},UBND")
    .moving(LB_06=1, LB_06a=1),
    Change("a board consolidated that was only reviewed")
    .and_with("consolidations", f"board-19,no,{FREE},2022-11-17")
    .and_with(
        "consolidated_members",
        "board-19,person-061,HEAD",
        "board-19,person-062,DEPUTY",
        "board-19,person-063,MEMBER",
    )
    .moving(LB_06a=-1, LB_06b=1),
    Change("a board not consolidated").but_without("consolidations", "board-18").moving(LB_06=-1, LB_06b=-1),
    Change("a board not recognised for a new term, nor regulated in it")
    .but_without("consolidations", "board-08")
    .but_without("regulations", "regulation-BD")
    .moving(LB_06=-1, LB_06b=-1, LB_07=-2, LB_08=-1, LB_09=-1, LB_18a=-4, LB_18b=-1, LB_19a=-1, LB_19b=-1),
    Change("a board ended")
    .and_with("closures", f"board-24,2022-11-30,DISSOLVED,{FREE}")
    .moving(LB_18a=-1, LB_18b=-1, LB_19a=-1, LB_19b=-1)
    .showing("person-093"),
    Change("a head left")
    .and_with("departures", f"board-17,person-055,2022-11-01,RESIGNED,{FREE},Hội nghị")
    .moving(LB_19a=-1, LB_19b=-1),
    Change("a member of the 65 left")
    .and_with("departures", f"board-39,person-153,2022-11-15,MOVED,{FREE},Hội nghị")
    .moving(LB_07=-1, LB_08=-1),
]

PEOPLE = [
    Change("somebody no party member").but_without("memberships", "person-005").moving(LB_07=-1, LB_08=-1),
    Change("somebody a party member")
    .and_with("memberships", "person-127,RESIDENT_PARTY_MEMBER,2010-05-19")
    .moving(LB_07=1, LB_08=1),
    Change("an office holder a party member too")
    .and_with("memberships", "person-132,RESIDENT_PARTY_MEMBER,2010-05-19")
    .moving(LB_08=1),
    Change("somebody without office").but_without("offices", "person-014").moving(LB_07=-1, LB_09=-1),
    Change("a party member without office").but_without("offices", "person-130").moving(LB_09=-1),
    Change("somebody with an office")
    .and_with("offices", "person-131,group-VH-12,SECURITY_TEAM_MEMBER,2021-05-19")
    .moving(LB_07=1, LB_09=1),
    Change("a member under Regulation 213 with an office")
    .and_with("offices", "person-083,group-SD-07,SECURITY_TEAM_MEMBER,2021-05-19")
    .moving(LB_07=1, LB_09=1, LB_10=-1),
    Change("a member under Regulation 213 not introduced").but_without("introductions", "person-015").moving(LB_10=-1),
    Change("one more introduced under Regulation 213")
    .and_with("introductions", "person-061,Q004-00124-v1,REG_213,2022-02-10")
    .moving(LB_10=1),
    Change("a party member of the ward of LB-11 not introduced")
    .but_without("introductions", "person-007")
    .moving(LB_11a=-1),
    Change("a member under Regulation 213 of the ward of LB-11 not introduced")
    .but_without("introductions", "person-009")
    .moving(LB_10=-1, LB_11a=-1),
    Change("one more party member introduced by the ward of LB-11")
    .and_with("introductions", "person-085,Q004-00121-v1,RESIDENT_PARTY_MEMBER,2022-02-10")
    .moving(LB_11a=1),
    Change("somebody of the ward of LB-11 who is both not introduced")
    .but_without("introductions", "person-010")
    .moving(LB_11a=-1, LB_11b=-1),
    Change("an office holder of the ward of LB-11 not introduced")
    .but_without("introductions", "person-020")
    .moving(LB_11b=-1),
    Change("one more office holder introduced by the ward of LB-11")
    .and_with("introductions", "person-106,Q004-00121-v1,GROUP_OFFICE,2022-02-10")
    .moving(LB_11b=1),
    Change("a party member of the ward of LB-12 not introduced")
    .but_without("introductions", "person-036")
    .moving(LB_12a=-1),
    Change("one more party member introduced by the ward of LB-12")
    .and_with("introductions", "person-097,Q004-00151-v1,RESIDENT_PARTY_MEMBER,2022-02-10")
    .moving(LB_12a=1),
    Change("an office holder of the ward of LB-12 not introduced")
    .but_without("introductions", "person-017")
    .moving(LB_12b=-1),
    Change("one more office holder introduced by the ward of LB-12")
    .and_with("introductions", "person-135,Q004-00151-v1,GROUP_OFFICE,2022-02-10")
    .moving(LB_12b=1),
    Change("somebody introduced the day before the period").and_with(
        "introductions", "person-129,Q004-00121-v1,RESIDENT_PARTY_MEMBER,2021-09-29"
    ),
]

PROGRAMME = [
    Change("a speech more").and_with("speeches", "speech-6,BOARD,OTHER").moving(LB_13=1),
    Change("a speech less").but_without("speeches", "speech-5").moving(LB_13=-1),
    Change("a collective more")
    .and_with("commendations", f"collective-26,Q004-00121-v1,COLLECTIVE,{FREE},2022-12-01")
    .moving(LB_14a=1),
    Change("a collective less").but_without("commendations", "collective-01").moving(LB_14a=-1),
    Change("an individual more")
    .and_with("commendations", f"individual-26,Q004-00151-v1,INDIVIDUAL,{FREE},2021-09-30")
    .moving(LB_14b=1),
    Change("an individual less").but_without("commendations", "individual-25").moving(LB_14b=-1),
    Change("a commendation less of the day before").but_without("commendations", "commendation-before"),
    Change("a class of two heads who had learnt nothing")
    .and_with("trainings", f"training-4,2022-11-07,2022-11-19,FIRE RESCUE,{FREE},{FREE}")
    .and_with("attendances", "training-4,person-124", "training-4,person-152")
    .moving(LB_19a=2, LB_19c=1),
    Change("a class before the period, of one who is head now")
    .and_with("trainings", f"training-5,2020-11-02,2020-11-14,FIRE RESCUE,{FREE},{FREE}")
    .and_with("attendances", "training-5,person-101")
    .moving(LB_19a=1),
    Change("a class less").but_without("trainings", "training-3").moving(LB_19a=-21, LB_19c=-1),
]

CASES = [
    Change("a conflict more")
    .and_with("conflicts", f"conflict-17,2022-02-15,building-N10,FEES,RESIDENTS,{FREE},UBND")
    .moving(LB_15a=1),
    Change("a conflict less")
    .but_without("conflicts", "conflict-12")
    .but_without("conflicts_settled", "conflict-12")
    .moving(LB_15a=-1),
    Change("a conflict more in the window before")
    .and_with("conflicts", f"conflict-18,2021-01-05,building-N10,FEES,RESIDENTS,{FREE},UBND")
    .moving(LB_15b=1),
    Change("a conflict less on the first day before")
    .but_without("conflicts", "conflict-02")
    .but_without("conflicts_settled", "conflict-02")
    .moving(LB_15b=-1),
    Change("a conflict less of the day before both windows")
    .but_without("conflicts", "conflict-01")
    .but_without("conflicts_settled", "conflict-01"),
    Change("a complex case")
    .by_command("boards", "/v1/petitions/id:petition-03/complexity", "on=2022-02-01,reason=LONG_RUNNING")
    .moving(LB_16=1),
    Change("another complex case")
    .by_command("boards", "/v1/petitions/id:petition-12/complexity", "on=2022-12-01,reason=MANY_PETITIONERS")
    .moving(LB_16=1),
    Change("an overlap more")
    .and_with("overlaps", f"overlap-09,2022-05-05,group-TB-18,board-20,FEES,{FREE},Tổ dân phố")
    .moving(LB_17a=1, LB_17c=1),
    Change("an overlap less, with its resolution")
    .but_without("overlaps", "overlap-04")
    .but_without("overlaps_resolved", "overlap-04")
    .moving(LB_17a=-1, LB_17b=-1),
    Change("an overlap resolved")
    .and_with("overlaps_resolved", f"overlap-07,2022-11-10,{FREE},UBND")
    .moving(LB_17b=1, LB_17c=-1),
    Change("an overlap not resolved").but_without("overlaps_resolved", "overlap-02").moving(LB_17b=-1, LB_17c=1),
    Change("an overlap resolved the day after").and_with("overlaps_resolved", f"overlap-08,2022-12-02,{FREE},UBND"),
    Change("a regulation less").but_without("regulations", "regulation-SD-2").moving(LB_18a=-1),
    Change("a regulation more")
    .and_with("regulations", f"regulation-VH-2,2022-11-08,{FREE},UBND")
    .and_with("regulation_pairs", "regulation-VH-2,group-VH-12,board-34", "regulation-VH-2,group-VH-14,board-34")
    .moving(LB_18a=2),
    Change("a regulation that lapsed")
    .and_with("lapses", f"regulation-NT,2022-11-01,{FREE},UBND")
    .moving(LB_18a=-2)
    .showing("board-28"),
    Change("an evaluation more").and_with("evaluations", f"regulation-PD,2022-11-29,FIT,{FREE},UBND").moving(LB_18c=1),
    Change("an evaluation less").but_without("evaluations", "regulation-TT").moving(LB_18c=-1),
    Change("an inspection more")
    .and_with("inspections", f"inspection-22,2022-03-03,building-N10,OPERATION,{FREE}")
    .moving(LB_20a=1),
    Change("an inspection less").but_without("inspections", "inspection-04").moving(LB_20a=-1),
    Change("a violation more")
    .and_with("violations", f"violation-10,2022-03-08,building-N10,,NUISANCE,{FREE},UBND")
    .moving(LB_20b=1),
    Change("a violation less").but_without("violations", "violation-09").moving(LB_20b=-1),
    Change("a violation remedied")
    .and_with("violations_remedied", f"violation-08,2022-11-24,{FREE},UBND")
    .moving(LB_20c=1),
    Change("a violation not decided").but_without("violations_decided", "violation-02").moving(LB_20c=-1),
    Change("a violation decided and not remedied").but_without("violations_remedied", "violation-03"),
]

CHANGES = [*PLACES, *CELLS_AND_BODIES, *BOARDS, *PEOPLE, *PROGRAMME, *CASES]
