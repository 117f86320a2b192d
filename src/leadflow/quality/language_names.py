"""Languages by name: English, German, French, Spanish, Italian, Dutch, Polish and their own; from CLDR (babel)."""

from __future__ import annotations

__all__ = ["LANGUAGE_CODES", "LANGUAGE_NAMES"]

LANGUAGE_CODES = frozenset(
    """aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu
    ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na
    nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so
    sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh
    zu""".split()
)
"""ISO 639-1."""

# The tag: what the language is called, and its codes of three letters.
LANGUAGE_NAMES = """
en: english, englisch, anglais, inglés, inglese, engels, angielski, eng, engl, englisch us | de: german, deutsch,
allemand, alemán, tedesco, duits, niemiecki, deu, ger, hochdeutsch, teutsch | fr: french, französisch, français,
francés, francese, frans, francuski, fra, fre | es: spanish, spanisch, espagnol, español, spagnolo, spaans,
hiszpański, spa, castellano, kastilisch | it: italian, italienisch, italien, italiano, italiaans, włoski, ita | nl:
dutch, niederländisch, néerlandais, neerlandés, olandese, nederlands, niderlandzki, nld, dut, holländisch | pl:
polish, polnisch, polonais, polaco, polacco, pools, polski, pol | pt: portuguese, portugiesisch, portugais, portugués,
portoghese, portugees, portugalski, português, por | ru: russian, russisch, russe, ruso, russo, rosyjski, русский, rus
| uk: ukrainian, ukrainisch, ukrainien, ucraniano, ucraino, oekraïens, ukraiński, українська, ukr | tr: turkish,
türkisch, turc, turco, turks, turecki, türkçe, tur | cs: czech, tschechisch, tchèque, checo, ceco, tsjechisch, czeski,
čeština, ces, cze | sk: slovak, slowakisch, slovaque, eslovaco, slovacco, slowaaks, słowacki, slovenčina, slk, slo |
hu: hungarian, ungarisch, hongrois, húngaro, ungherese, hongaars, węgierski, magyar, hun | ro: romanian, rumänisch,
roumain, rumano, rumeno, roemeens, rumuński, română, mol, ron, rum | bg: bulgarian, bulgarisch, bulgare, búlgaro,
bulgaro, bulgaars, bułgarski, български, bul | hr: croatian, kroatisch, croate, croata, croato, chorwacki, hrvatski,
scr, hrv | sr: serbian, serbisch, serbe, serbio, serbo, servisch, serbski, српски, scc, srp | sl: slovenian,
slowenisch, slovène, esloveno, sloveno, sloveens, słoweński, slovenščina, slv | da: danish, dänisch, danois, danés,
danese, deens, duński, dansk, dan | sv: swedish, schwedisch, suédois, sueco, svedese, zweeds, szwedzki, svenska, swe |
no: norwegian, norwegisch, norvégien, noruego, norvegese, noors, norweski, norsk, nor | nb: norwegian bokmål,
norvégien bokmål, noruego bokmal, norvegese bokmål, noors - bokmål, norsk bokmål, nob | nn: norwegian nynorsk,
norvégien nynorsk, noruego nynorsk, norvegese nynorsk, noors - nynorsk, norsk nynorsk, nno | fi: finnish, finnisch,
finnois, finés, finlandese, fins, fiński, suomi, fin | et: estonian, estnisch, estonien, estonio, estone, estisch,
estoński, eesti, ekk, est | lv: latvian, lettisch, letton, letón, lettone, lets, łotewski, latviešu, lvs, lav | lt:
lithuanian, litauisch, lituanien, lituano, litouws, litewski, lietuvių, lit | el: greek, griechisch, grec, griego,
greco, grieks, grecki, ελληνικά, ell, gre | ar: arabic, arabisch, arabe, árabe, arabo, arabski, العربية, arb, ara |
he: hebrew, hebräisch, hébreu, hebreo, ebraico, hebreeuws, hebrajski, עברית, heb | fa: persian, persisch, persan,
persa, persiano, perzisch, perski, فارسی, pes, fas, per, farsi | hi: hindi, हिन्दी, hin | bn: bangla, bengalisch,
bengali, bengalí, bengalese, bengaals, bengalski, বাংলা, ben | ur: urdu, ourdou, اردو, urd | ja: japanese, japanisch,
japonais, japonés, giapponese, japans, japoński, 日本語, jpn | ko: korean, koreanisch, coréen, coreano, koreaans,
koreański, 한국어, kor | zh: chinese, chinesisch, chinois, chino, cinese, chinees, chiński, 中文, cmn, zho, chi,
mandarin | vi: vietnamese, vietnamesisch, vietnamien, vietnamita, vietnamees, wietnamski, tiếng việt, vie | th: thai,
thailändisch, thaï, tailandés, thailandese, tajski, ไทย, tha | id: indonesian, indonesisch, indonésien, indonesio,
indonesiano, indonezyjski, indonesia, ind | ms: malay, malaiisch, malais, malayo, malese, maleis, malajski, melayu,
zsm, msa, may | sq: albanian, albanisch, albanais, albanés, albanese, albanees, albański, shqip, als, sqi, alb | mk:
macedonian, mazedonisch, macédonien, macedonio, macedone, macedonisch, macedoński, македонски, mkd, mac | bs: bosnian,
bosnisch, bosniaque, bosnio, bosniaco, bośniacki, bosanski, bos | ca: catalan, katalanisch, catalán, catalano,
catalaans, kataloński, català, cat | eu: basque, baskisch, euskera, basco, baskijski, euskara, eus, baq | gl:
galician, galicisch, galicien, gallego, galiziano, galicyjski, galego, glg | ga: irish, irisch, irlandais, irlandés,
irlandese, iers, irlandzki, gaeilge, gle | cy: welsh, walisisch, gallois, galés, gallese, walijski, cymraeg, cym, wel
| is: icelandic, isländisch, islandais, islandés, islandese, ijslands, islandzki, íslenska, isl, ice | mt: maltese,
maltesisch, maltais, maltés, maltees, maltański, malti, mlt | lb: luxembourgish, luxemburgisch, luxembourgeois,
luxemburgués, lussemburghese, luxemburgs, luksemburski, lëtzebuergesch, ltz | rm: romansh, rätoromanisch, romanche,
romancio, reto-romaans, retoromański, rumantsch, roh | ka: georgian, georgisch, géorgien, georgiano, gruziński,
ქართული, kat, geo | hy: armenian, armenisch, arménien, armenio, armeno, armeens, ormiański, հայերեն, hye, arm | az:
azerbaijani, aserbaidschanisch, azerbaïdjanais, azerbaiyano, azerbaigiano, azerbeidzjaans, azerbejdżański, azərbaycan,
azj, aze | kk: kazakh, kasachisch, kazajo, kazako, kazachs, kazachski, қазақ тілі, kaz | be: belarusian, belarussisch,
biélorusse, bielorruso, bielorusso, białoruski, беларуская, bel | af: afrikaans, afrikáans, afr | sw: swahili,
suaheli, suajili, suahili, kiswahili, swh, swa | am: amharic, amharisch, amharique, amárico, amarico, amhaars,
amharski, አማርኛ, amh | tl: tagalog, tagalo, tagalski | gsw: swiss german, schweizerdeutsch, suisse allemand, alemán
suizo, tedesco svizzero, zwitserduits, szwajcarski niemiecki, schwiizertüütsch, schwyzerdütsch, schweizer deutsch |
yue: cantonese, kantonesisch, cantonais, cantonés, kantonees, kantoński, 粵語
"""
