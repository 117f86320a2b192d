"""Domains: which part of a host's name somebody has registered, and which part is an ending that many share."""

from __future__ import annotations

from typing import Final

from leadflow.entities.text import remembered

__all__ = ["registrable_domain"]

# Under which parts of a country's domain people register: acme.co.uk is a domain, co.uk is none; *: under any part.
# From the ICANN section of the Public Suffix List, the parts that three countries or more have, and a few others;
# regions of single countries are left out. A table of our own, so that an account's key changes with leadflow only.
_PARTS: Final = """
*: ck er fk jm mm np pg | ac: ae at bd be bw ci cn cr cy eg fj gn id il im in ir jp ke kr lk ls ma me ml mu mw
mz ni nz pa pk pr rs rw se sz th tz ug uk vn za zm zw | ad: jp | agro: bj bo pl | ai: bd id in jo kr vn | al: it
no us | art: br do dz ec ht ml sn | arts: nf ro ve | asso: ci dz fr gp ht km mc ml nc re | biz: az bb cy et fj
gh id in ki ls mv mw my ni nr pk pl pr ss tj tr tt vn zm | ca: in it us | cn: in it ua | co: ae ag am ao at az
bb bd bi bj bw bz ci cl cm cr dm gg gl gy hu id il im in io ir it je jp ke kr lc ls ma me mg mu mw mz na ni nz
om pn rs rw ss st sz th tj tm tt tz ug uk us uz ve vi za zm zw | com: ac af ag ai al am ar au aw az ba bb bd bh
bi bj bm bn bo br bs bt by bz ci cm cn co cu cv cw cy dm do dz ec ee eg es et fj fm fr ge gh gi gl gn gp gr gt
gu gy hk hn hr ht im in io iq jo kg kh ki km kp kw ky kz la lb lc lk lr lv ly mg mk ml mo ms mt mu mv mw mx my
na nf ng ni nr om pa pe pf ph pk pl pr ps pt py qa re ro sa sb sc sd sg sh sl sn so ss st sv sy tj tm tn to tr
tt tw ua ug uy uz vc ve vi vn vu ws ye zm | coop: ar br ht in km mv mw py rw | ed: ao ci cr jp | edu: ac af al
ao ar au az ba bb bd bh bi bj bm bn bo br bs bt bz ci cn co cu cv cw dm do dz ec ee eg es et fj fm gd ge gh gi
gl gn gp gr gt gu gy hk hn ht in io iq it jo kg kh ki km kn kp kw ky kz la lb lc lk lr ls lv ly me mg mk ml mn
mo ms mt mv mw mx my mz ng ni nr om pa pe pf ph pk pl pn pr ps pt py qa rs sa sb sc sd sg sl sn so ss st sv sy
tj tm to tr tt tw ua ug uy vc ve vg vn vu ws ye za zm | eng: br ec jo | fin: ec in tn | firm: ht in nf ro ve |
fm: br it jo no | geek: nz | gen: in nz tr | go: ci cr id it jp ke kr th tj tz ug | gob: ar bo cl cu do ec es gt
hn mx ni pa pe pk sv ve | gok: pk | gouv: ci fr ht km ml sn | gov: ac ae af al ao ar as au az ba bb bd bf bh bm
bn br bs bt bw by bz cd cl cm cn co cx cy cz dm do dz ec ee eg et fj gd ge gh gi gn gr gu gy hk ie il in io iq
ir it jo kg kh ki km kn kp kw kz la lb lc lk lr ls lt lv ly ma me mg mk ml mn mo mr ms mu mv mw my mz na ng nr
om ph pk pl pn pr ps pt pw py qa rs rw sa sb sc sd sg sh sl so ss sx sy tj tl tm tn to tr tt tw ua ug uk vc ve
vn ws ye za zm zw | govt: nz | gub: uy | gv: ao at | hotel: hu lk tz | ia: bo br us ve | id: au bd cv fj ir lv
ly us vn | idv: hk tw | in: ni rs th ua us | ind: br gt in kw tn | inf: br cu mk | info: az bb bd bj bo ec eg et
fj gu ht hu in ke ki la ls ml mv nf ni nr pl pr ro sd tn tr tt tz ve vn zm | int: ar az bo ci cv in la lk mv mw
ni pt tj ve vn | io: in kr vn | it: ao bd kr | k12: ec il tr vi | lg: jp ua | ltd: cy gi lk uk | me: eg in it ke
kr so ss tz uk us | med: br ec ee ht ly om pa sa sd | mi: it th us | mil: ac ae al ar az ba bd bo br by cl cn co
cy do ec eg fj gh gt hn id in io iq jo kg km kr kz lv mg mv my mz ng ni no nz pe ph pl py qa rw sh st sy tj tm
to tr tt tw tz ug uy vc ve ye za zm zw | mo: cn it us | mobi: gp ke ng tz | ms: it kr us | museum: mv no om |
name: az eg et fj hr mk mv my ng pr qa tj tr tt vn | ne: jp ke kr tz ug us | net: ac ae af ag ai al am ar au az
ba bb bd bh bj bm bn bo br bs bt bw bz ci cm cn co cu cv cw cy dm do dz ec eg et fj fm ge gg gh gl gn gp gr gt
gu gy hk hn ht id il im in io iq ir je jo kg kh ki kn kw ky kz la lb lc lk lr ls lv ly ma me mk ml mo ms mt mu
mv mw mx my mz na nf ng ni nr nz om pa pe ph pk pl pn pr ps pt py qa rw sa sb sc sd sg sh sl so ss st sy th tj
tm tn to tr tt tw ua uk uy uz vc ve vi vn vu ws ye za zm | ngo: lk ph za | nhs: uk | nic: in tj za | nom: ag co
es fr io km mg nc ni pa pe pl ro tm ve za | nt: au ca no ro | or: at bi ci cr id it jp ke kr mu th tz ug us |
org: ac ae af ag ai al am ao ar au az ba bb bd bh bi bj bm bn bo br bs bt bw bz ci cn co cu cv cw cy dm do dz ec
ee eg es et fj fm ge gg gh gi gl gn gp gr gt gu gy hk hn ht hu il im in io iq ir je jo kg kh ki km kn kp kw ky
kz la lb lc lk lr ls lv ly ma me mg mk ml mn mo ms mt mu mv mw mx my mz na ng ni nr nz om pa pe pf ph pk pl pn
pr ps pt py qa ro rs rw sa sb sc sd se sg sh sk sl sn so ss st sv sy sz tj tm tn to tr tt tw ua ug uk uy uz vc
ve vi vn vu ws ye za zm zw | pe: ca it kr | per: jo la nf | plc: ly uk | pol: dz ht tr | police: uk | pr: it ml
us | prd: fr km mg | press: cy ma se | priv: hu me no pl | pro: az br cy ec fj ht in mv om pr tt vn | re: it kr
no | rec: br nf ro ve | sa: au cr it | sc: cn ke kr ls tz ug us | sch: ae bd id ir jo lk ly ng qa sa ss zm |
school: ge in nz za | shop: ht hu pl | store: bb nf ro st ve | tm: cy dz fr hu km mc no pl ro se za | tourism:
bj pl tn | tur: ar br ec | tv: bb bd bo br eg im in it jo sd tr tz | va: it no us | web: bo do gu id lk nf ni pk
tj tr ve za
"""
# Where everybody has a site of their own below a provider's domain.
_PROVIDERS: Final = frozenset(
    """appspot.com azurewebsites.net blogspot.com business.site carrd.co cloudfront.net dyndns.org firebaseapp.com
    github.io gitlab.io herokuapp.com jimdo.com jimdofree.com jimdosite.com myshopify.com netlify.app onrender.com
    pages.dev square.site squarespace.com strato.site strikingly.com tumblr.com vercel.app web.app webflow.io weebly.com
    wixsite.com wordpress.com de.com uk.com us.com eu.com gb.net com.de co.com""".split()
)


def _shared() -> frozenset[str]:
    lists = (line.split(":") for line in _PARTS.split("|"))
    return _PROVIDERS.union(f"{part.strip()}.{country}" for part, countries in lists for country in countries.split())


_SHARED: Final = _shared()


@remembered
def registrable_domain(host: str) -> str | None:
    """Return the part of a host's name that somebody has registered: ``acme.co.uk`` of ``mail.acme.co.uk``.

    None for an ending that many share (``co.uk``, ``github.io``), and for a single label.
    """
    labels = host.casefold().strip(".").split(".")
    shared = ".".join(labels[-2:]) in _SHARED or f"*.{labels[-1]}" in _SHARED
    size = 3 if shared else 2
    return ".".join(labels[-size:]) if len(labels) >= size and all(labels) else None
