"""First names: short forms, and similar names of different sexes."""

from __future__ import annotations

from leadflow.entities.folding import fold

__all__ = ["is_other_sex", "is_short_for", "names_for"]

# A short form, and the names that it may stand for.
_NICKNAMES = """
abby: abigail | abdo: abdullah | addie: adelaide adeline | aga: agata agnieszka | agi: agnes | agus: agnieszka | al:
albert alan alfred | ale: alessandro alessandra alejandro alejandra | alex: alexander alexandra | alf: alfred | allie:
alison alice | alosha: aleksey | alyosha: aleksey alexei aleksei | andi: andreas andrea | andy: andreas andrew |
angie: angela angelina | ania: anna | anke: anna | anneli: anna | annelie: anna | anni: anna | annie: anna anne |
anya: anna | archie: archibald | art: arthur | asia: joanna | asya: anastasia anastasiya | augie: august | babette:
elisabeth | babsi: barbara | barb: barbara | barney: bernard | bart: bartholomew | bartek: bartlomiej bartosz | bas:
sebastiaan | basia: barbara | basti: sebastian | bea: beate beatrice beatrix | beatka: beata | bebert: albert robert |
becky: rebecca | bella: isabella arabella | ben: benjamin | benny: benjamin | beppe: giuseppe | beppino: giuseppe |
bernd: bernhard | berni: bernhard | bernie: bernard | bert: albert herbert hubert | bertie: albert | bess: elizabeth |
bessie: elizabeth | beth: elizabeth | beto: alberto roberto | betty: elizabeth elisabeth | bice: beatrice | biddy:
bridget | biggi: brigitte birgit | bill: william | billy: william | bine: sabine | bob: robert | bobby: robert |
bolek: boleslaw | borya: boris | bram: abraham | bree: brianna | cacau: claudia | cal: calvin | cam: cameron | candy:
candace | carletto: carlo | carlo: karl | carrie: caroline | cathy: catherine | cecco: francesco | cees: cornelis |
cesca: francesca | cesco: francesco | chad: charles | charlie: karl charles | charo: rosario | chayo: rosario |
checco: francesco | chelo: consuelo | chema: josemaria | chet: chester | chicco: federico enrico | chico: francisco |
chip: charles | chris: christian christoph christopher christine christina | chrissy: christina christine | christl:
christine | chucho: jesus | chuck: charles | chuy: jesus | cindy: cynthia | cliff: clifford | clint: clinton | coco:
corinne colette | concha: concepcion | conchi: concepcion | connie: constance | conny: cornelia | corrie: cornelia |
cuca: refugio | curro: francisco | dado: edoardo | dan: daniel | dani: daniel daniela | danny: daniel | dasha: darya
daria | dave: david | debbie: deborah | dede: andre | dee: deborah | della: adela | dick: richard | didi: dieter |
dima: dmitri dmitry dmitriy | dimitris: dimitrios | dino: bernardino | domi: dominique | don: donald | dora: dorothea
theodora | dorotka: dorota | dot: dorothy | dottie: dorothy | doug: douglas | drew: andrew | duda: eduardo eduarda |
dudu: eduardo | dunya: yevdokia | dusty: dustin | ed: edward eduard | eddie: edward | eddy: edward | ela: elzbieta |
eleni: helena | ella: eleanor gabriella | elli: elisabeth elfriede | ellie: eleanor elizabeth ellen | elsie: elizabeth
| emmy: emily emma | enzo: vincenzo lorenzo | ernie: ernest | evi: eva | ewka: ewa | fannie: frances | fanny:
stephanie francoise | fede: federico federica | fedya: fyodor fedor | ferdi: ferdinand | fina: josefina | flo: florian
| fran: frances francis francesca | franco: francesco | franek: franciszek | frankie: frank francis | franzi:
franziska | fred: frederick friedrich alfred frederic frederique | freddie: frederick | freddy: frederick | friedel:
friedrich | frits: frederik | fritz: friedrich | gabe: gabriel | gabi: gabriele | gail: abigail | galya: galina |
gege: gerard | geli: angelika | gena: gennady gennadiy | gene: eugene | genya: evgeny yevgeny | geoff: geoffrey |
gerd: gerhard | gerry: gerald | giambo: giambattista | gianni: giovanni | giannis: ioannis | gigi: ghislaine luigi |
gigio: luigi | gina: regina georgina | ginette: genevieve | ginny: virginia | gino: luigi | giorgos: georgios | gisi:
gisela | gitte: brigitte | gitti: brigitte | gosia: malgorzata | goyo: gregorio | greg: gregory gregor | greta:
margarete | grete: margarete | gretel: margarete | grisha: grigory grigoriy | grzes: grzegorz | guenni: guenter |
guille: guillermo | gundi: gundula | gus: august gustav augustus | guto: augusto | hal: henry harold | hamoudi:
mohammed | hania: hanna | hank: henry | hanna: johanna | hanneke: johanna | hannes: johannes | hanni: johanna | hanno:
johannes | hans: johannes johann | hansi: johannes johanna | harry: harald henry | hattie: harriet | hedi: hedwig |
hein: heinrich | heiner: heinrich | heini: heinrich | heinz: heinrich | helli: helmut | henk: hendrik | henni:
henriette | henny: henriette | herb: herbert | howie: howard | hubsi: hubert | igoryok: igor | ike: isaac | ilyusha:
ilya | inge: ingeborg | ira: irina | iza: izabela | izzy: isabel isabella isidore | jaap: jacob jakob | jack: john |
jackie: jacqueline jacques | jacquot: jacques | jake: jacob | jan: johannes johann janet janice | janek: jan | jas:
jan | jasio: jan | javi: javier | jay: james jason | jeanie: jean | jeannot: jean | jedrek: andrzej | jeff: jeffrey
geoffrey | jem: jeremy | jenny: jennifer | jerry: gerald jerome jeremy | jess: jessica | jill: gillian | jim: james |
jimmie: james | jimmy: james | jo: johanna johannes josef | jochen: joachim | jockel: jakob | jody: judith joseph |
joe: joseph | joey: joseph | jogi: joachim juergen | johnny: john | jojo: joel joseph | jola: jolanta | jon: jonathan
| joni: joan | joop: johannes josephus | josh: joshua | jozek: jozef | juancho: juan | juanito: juan | juca: jose |
judy: judith | juju: julien julie | jule: julia | jupp: josef | jurek: jerzy | kacper: kasper | kaethe: katharina |
kalle: karl | karli: karl | karolcia: karolina | kasia: katarzyna | kaska: katarzyna | kat: katherine | kate:
katharina katherine | kathi: katharina | kathrin: katharina | kathy: katharina katherine kathleen | katie: katherine
catherine kathleen | katja: katharina | katrin: katharina | katya: ekaterina yekaterina | kay: katherine | kees:
cornelis | ken: kenneth kenny | kenny: kenneth | kike: enrique | kim: kimberly | kit: christopher katherine | kitty:
katherine | klaas: nicolaas | klaus: nikolaus | kolya: nikolay nikolai | koos: jacobus | kostas: konstantinos |
kostya: konstantin | kris: kristina kristine | krysia: krystyna | krzysiek: krzysztof | ksyusha: ksenia | kuba: jakub
| kuddel: kurt | lalo: eduardo | lanny: roland | larry: lawrence | laurie: laura lawrence | leen: leendert | lella:
raffaella | len: leonard | lena: magdalena helena elena yelena | lenchen: helene | leni: helene magdalena | lenny:
leonard | lenya: leonid | lenz: lorenz | leo: leonhard leonard | les: leslie lester | lesha: aleksey alexei | lexi:
alexandra | libby: elizabeth | licha: alicia | lida: lidia | liesl: elisabeth | lili: elisabeth liliane | lilli:
elisabeth | lilo: liselotte | lina: carolina angelina | lindy: linda | lisa: elisabeth elizabeth | lise: elisabeth |
liz: elisabeth elizabeth | lizzie: elizabeth | loes: louise | lola: dolores | lolek: karol | loli: dolores | lore:
eleonore | lotte: charlotte | lottie: charlotte | lou: louis louise | loulou: louis louise | lu: luise | lucho: luis |
luda: lyudmila ludmila | luigino: luigi | lulu: lucien lucie | lupe: guadalupe | lupita: guadalupe | lynn: linda |
lyosha: aleksey alexei | lyuba: lyubov | lyuda: lyudmila | mabel: mariaisabel | maciek: maciej | mado: madeleine |
madzia: magdalena | magda: magdalena | maggie: margaret | mags: margaret | maite: mariateresa | malgosia: malgorzata |
mandy: amanda | mania: maria | manni: manfred | manolo: manuel | manu: emmanuel emmanuelle manuel | marga: margarete |
marge: margaret marjorie | margot: marguerite | mari: mariana marina | marinette: marie | marisa: marialuisa | marty:
martin | maru: maria | marysia: maria | marzenka: marzena | masha: maria mariya marina | matt: matthew matthias |
mattie: matilda martha | matty: matthew | matze: matthias | max: maximilian | mayte: mariateresa | md: mohammed |
meche: mercedes | meg: margaret | mehmet: mohammed | mel: melvin melanie melissa | memo: guillermo | mena: filomena |
menico: domenico | merche: mercedes | mhd: mohammed | mia: maria | micha: michael | mick: michael | mickey: michael |
mieke: maria | mietek: mieczyslaw | mike: michael mikhail | mila: lyudmila | millie: mildred camilla | mimi: miriam
maria michele mireille | mimmo: domenico | minnie: wilhelmina minerva | mirek: miroslaw | misha: mikhail | mitch:
mitchell | mitsos: dimitrios | mitya: dmitri dmitry | mitzi: maria | mo: mohammed mohamed muhammad | mohamed: mohammed
| mohammad: mohammed | mohd: mohammed | molly: mary | momo: mohamed maurice | moni: monika | montse: montserrat |
mort: mortimer | muhammad: mohammed | muhammed: mohammed | nacho: ignacio | nadya: nadezhda | nan: nancy anne | nancy:
anne | nando: fernando | nanni: giovanni | nastya: anastasia anastasiya | nat: nathan nathaniel natalie | natasha:
natalia natalya nataliya | nate: nathan nathaniel | ned: edward | nele: cornelia | nell: eleanor helen | nellie:
eleanor helen | nello: antonello | neto: ernesto | nick: nicholas nikolas | nicky: nicholas nicole | nico: nicholas
nikolas nicole nicolas | niki: nikolaus nicole | niko: nikolaus | nikos: nikolaos | nini: eugenie | nino: antonio
giovanni | norm: norman | nuccia: anna | ola: aleksandra | olek: aleksander | olli: oliver | ollie: oliver olivia |
olya: olga | ossi: oskar oswald | ossy: oskar | paca: francisca | paco: francisco | paddy: patrick | pam: pamela |
pancho: francisco | panos: panagiotis | paquita: francisca | pasha: pavel | pat: patrick patricia | patty: patricia |
paulinho: paulo | pawelek: pawel | peggie: margaret | peggy: margaret | penny: penelope | pepa: josefa | pepe: jose |
peppe: giuseppe | peppino: giuseppe | pete: peter | petya: pyotr petr | petzi: petra | phil: philipp philip | pierrot:
pierre | piet: pieter | pili: pilar | pilo: pilar | pina: giuseppina | pino: giuseppe | piotrek: piotr | pippo:
filippo giuseppe | poldi: leopold | polly: mary | polya: polina | quim: joaquim | quique: enrique | radek: radoslaw |
rafa: rafael | ramoncito: ramon | randy: randall randolph | ray: raymond | raya: raisa | reg: reginald | reggie:
reginald | renzo: lorenzo | resi: theresia | rich: richard | rick: richard | riet: maria | rike: friederike ulrike |
rina: caterina | riri: henri | rita: margarita | rob: robert robin | robbie: robert | robby: robert | rod: roderick
rodney | romek: roman | ron: ronald | ronnie: ronald veronica | rosi: rosemarie rosa | rosie: rose rosemary | roxy:
roxanne | rudi: rudolf | ruedi: rudolf | russ: russell | rysiek: ryszard | sadie: sarah | sal: salvatore sally |
sally: sarah | sam: samuel samantha | sandra: alessandra | sandro: alessandro | sandy: sandra alexander | sanne:
susanne | santi: santiago | sanya: aleksandr alexander | sascha: alexander alexandra | sasha: alexander alexandra
aleksandr aleksandra aleksander | schorsch: georg | seb: sebastien | sepp: josef joseph | serezha: sergey sergei |
seryozha: sergey sergei | shura: aleksandr aleksandra alexander alexandra | sid: sidney | sigi: siegfried sigrid |
simo: simone | sjaak: jacques | slava: vyacheslav svyatoslav | slawek: slawomir | sonya: sofia sofya | spyros:
spyridon | stan: stanley | stas: stanislaw stanislav | staszek: stanislaw | steff: stefan stefanie | steffen: stefan |
steffi: stefanie | stelios: stylianos | steph: stephane stephanie | steve: steven stephen | stu: stuart | styopa:
stepan | sue: susan | susan: susanne susanna | susi: susanne susanna susana | suzon: suzanne | suzy: susan | sveta:
svetlana | szymek: szymon | tad: thaddeus | tadek: tadeusz | takis: panagiotis | tammy: tamara | tano: gaetano |
tanya: tatiana tatyana | ted: edward theodor theodore | teddy: edward theodore | tere: teresa | terry: terence theresa
| tess: theresa | tessa: theresa | teun: antonius | thanasis: athanasios | thanos: athanasios | thea: dorothea | theo:
theodor | thijs: matthijs | tilda: matilda | tillie: matilda | tim: timothy | tina: christina martina bettina | tine:
christine martina | tini: christine | titi: thierry | tito: alberto | titti: tiziana | tobi: tobias | toby: tobias |
toinette: antoinette | tolya: anatoly anatoliy | tom: thomas | tomek: tomasz | ton: antonius | tonho: antonio | toni:
anton antonia | tonino: antonio | tono: antonio | tony: anthony | tonya: antonina | toto: antonio salvatore | totò:
antonio salvatore | toño: antonio | traudl: gertraud | trini: trinidad | trish: patricia | trude: gertrud | trudy:
gertrude | turi: salvatore | uli: ulrich ulrike | urschi: ursula | uschi: ursula | vadik: vadim | val: valerie
valentine | vale: valentina valerio | valya: valentina valentin | vangelis: evangelos | vanni: giovanni | vanya: ivan
| varya: varvara | vasilis: vasileios | vasya: vasily vasiliy | vern: vernon | vero: veronique | vi: violet | vic:
victor | vicky: viktoria victoria | vika: viktoria | vince: vincent | vitya: viktor victor | viv: vivian | volodya:
vladimir | vova: vladimir | vreni: verena | vroni: veronika | waldi: waldemar | wally: walter | walt: walter | wastl:
sebastian | wes: wesley | wiesiek: wieslaw | will: william | willi: wilhelm | willy: wilhelm | wim: willem | winnie:
winifred | witek: witold | wladek: wladyslaw | wojtek: wojciech | wolf: wolfgang | wolfi: wolfgang | woody: woodrow |
xav: xavier | xavi: xavier javier | xico: francisco | yannis: ioannis | yasha: yakov | yoli: yolanda | yorgos:
georgios | yulya: yulia yuliya | yura: yuri yuriy | yurik: yuri | zach: zachary | zack: zachary | zbyszek: zbigniew |
ze: jose | zeca: jose | zenzi: kreszentia | zezinho: jose | zhenya: evgeny yevgeny evgenia yevgenia evgeniya | zina:
zinaida | zosia: zofia | zuzia: zuzanna
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


_ENDINGS = frozenset({"a", "e", "ie", "in", "ine", "s", "le", "la", "ne", "ette"})


def is_other_sex(short: str, long: str) -> bool:
    """Whether two similar names are a man's and a woman's: Andrea and Andreas, Martin and Martina."""
    if long.startswith(short) and long[len(short) :] in _ENDINGS:
        return True
    return short[:-1] == long[:-1] and short[-1] in "aeo" and long[-1] in "aeo"
