"""First names: short forms, and similar names of different sexes."""

from __future__ import annotations

from leadflow.entities.folding import fold

__all__ = ["is_other_sex", "is_short_for", "names_for"]

# A short form, and the names that it may stand for.
_NICKNAMES = """
alex: alexander alexandra | andi: andreas andrea | andy: andreas andrew | anni: anna | toni: anton antonia |
tony: anthony | bernd: bernhard | bob: robert | bobby: robert | rob: robert | bill: william | billy: william |
will: william | willi: wilhelm | charlie: karl charles | chris: christian christoph christopher christine
christina | conny: cornelia | dan: daniel | danny: daniel | dave: david | ed: edward eduard | eddie: edward |
flo: florian | fritz: friedrich | gabi: gabriele | gerd: gerhard | greg: gregory gregor | hans: johannes johann
| harry: harald henry | heinz: heinrich | hubsi: hubert | jim: james | jimmy: james | jack: john | jan: johannes
johann | jo: johanna johannes | joe: joseph | sepp: josef | jochen: joachim | jon: jonathan | jule: julia |
kate: katharina katherine | katie: katherine | kathy: katharina katherine | kathi: katharina | klaus: nikolaus |
liz: elisabeth elizabeth | lisa: elisabeth elizabeth | beth: elizabeth | lena: magdalena helena | leo: leonhard
leonard | maggie: margaret | meg: margaret | greta: margarete | max: maximilian | matt: matthew matthias | mike:
michael | mick: michael | manni: manfred | moni: monika | nick: nicholas nikolas | nico: nicholas nikolas nicole
| olli: oliver | pat: patrick patricia | pam: pamela | pete: peter | phil: philipp philip | rick: richard |
dick: richard | ron: ronald | rudi: rudolf | sam: samuel samantha | sandy: sandra | steffi: stefanie | steffen:
stefan | steve: steven stephen | sue: susan | susi: susanne | ted: edward theodor theodore | theo: theodor |
tim: timothy | tina: christina martina bettina | tom: thomas | uli: ulrich ulrike | uschi: ursula | vicky:
viktoria victoria | walt: walter | wolf: wolfgang | zach: zachary | abby: abigail | art: arthur | barb: barbara |
becky: rebecca | ben: benjamin | benny: benjamin | bert: albert herbert hubert | betty: elizabeth elisabeth | cathy:
catherine | chuck: charles | cindy: cynthia | debbie: deborah | don: donald | doug: douglas | frank: francis franklin |
fred: frederick friedrich alfred | gabe: gabriel | gene: eugene | hank: henry | howie: howard | jake: jacob | jeff:
jeffrey geoffrey | jenny: jennifer | jerry: gerald jerome jeremy | jess: jessica | joey: joseph | josh: joshua | judy:
judith | ken: kenneth | larry: lawrence | len: leonard | lou: louis louise | mandy: amanda | mitch: mitchell | nat:
nathan nathaniel natalie | ned: edward | patty: patricia | peggy: margaret | peggie: margaret | penny: penelope | ray:
raymond | rich: richard | robbie: robert | rod: roderick rodney | russ: russell | stan: stanley | stu: stuart | tammy:
tamara | terry: terence theresa | trish: patricia | vic: victor | vince: vincent | basti: sebastian | elli: elisabeth |
franzi: franziska | gitti: brigitte | hanni: johanna | kalle: karl | lotte: charlotte | matze: matthias | micha:
michael | sascha: alexander alexandra | sigi: siegfried | tobi: tobias | traudl: gertraud | vroni: veronika
"""


def _short_forms() -> dict[str, frozenset[str]]:
    rows = (row.partition(":") for row in _NICKNAMES.replace("\n", " ").split("|"))
    return {short.strip(): frozenset(fold(name) for name in names.split()) for short, _, names in rows}


_STANDS_FOR = _short_forms()


def is_short_for(short: str, long: str) -> bool:
    """Whether one name may be short for the other, or both for a third; both folded."""
    names = _STANDS_FOR.get(short)
    return names is not None and (long in names or not names.isdisjoint(_STANDS_FOR.get(long, ())))


def names_for(name: str) -> frozenset[str]:
    """Return a folded name with those that it may be short for: two with one in common may be the same."""
    return _STANDS_FOR.get(name, frozenset()) | {name}


def is_other_sex(short: str, long: str) -> bool:
    """Whether two similar names are a man's and a woman's: Andrea and Andreas, Martin and Martina."""
    if long in {short + ending for ending in ("a", "e", "ie", "in", "ine", "s")}:
        return True
    return short[:-1] == long[:-1] and short[-1] in "aeo" and long[-1] in "aeo"
