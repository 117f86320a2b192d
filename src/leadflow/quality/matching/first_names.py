"""First names: short forms, and similar names of different sexes."""

from __future__ import annotations

from leadflow.entities.folding import fold

__all__ = ["is_first_name", "is_other_sex", "is_short_for", "names_for"]

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
| geoffrey: jeffrey | jeffery: jeffrey geoffrey | jerald: gerald | jillian: gillian
"""


# Frequent names of a dozen languages: two of them are no slip of each other.
_FREQUENT = """
aaron abdul abel ada adam adele adelina adem adriana adrian adriano agata agatha agnes agneta agnieszka ahmad ahmed
aicha aida aileen aisha aino akira alain alba alexis alfonso alfredo ali alice alicia alina aline alma alois alvaro
alwin amalia amanda amelie amina amir amit amy ana anastasia andre andrea andreas andres andrew andrej anette anika
anil anita anja ann anna anneliese annemarie annette annika anouk antje antoine anton antonia antonio anthony april
arend ariane arjun armin arne arno arnold arthur arvid astrid athena aurelie austin axel ayse aylin aziz barbara
bastian beate beatriz benedikt benoit berit bernadette bernard bettina bianca birgit birte bjoern blanca bodo bogdan
boris brandon brenda brian brigitte britta bruce bruno bryan burak burkhard camille carina carl carla carlos carmen
carol caroline carsten catalina cecile cecilia celia celine cem cesar chantal charles charlotte chiara chloe christa
christel christian christiane christina christine christof christoph claire clara claude claudia claus clemens clement
cora corinna cornelia craig cristina cynthia cyril dagmar damian damien daniel daniela danielle darek daria dario
darla darlene darrell david dawn dean deborah denise dennis derek detlef diana diane didier diego dieter dietmar dirk
dolores dominik dominique donna doris dorothea dylan eckhard edeltraud edgar edith edmund edwin egon eileen elena
elias elif elin elisa elisabeth elke ella ellen elmar elsa elvira emil emilia emilie emily emma emre enrico enrique
eric erica erich erik erika erin ernst erwin esra esteban esther ethan eugen eva evelyn ewa fabian fabienne fabio
fabrice fatima fatma felicitas felipe felix ferdinand fernando filip fiona florence florian francesca francesco
francisco franck frank frauke frederic frida frieda friedhelm gaby gary georg george gerald gerard gerda gerhard
gertrud gesine gilbert gilles giorgio giovanna giovanni gisela giulia gloria gonzalo grace gregor gregory grit gudrun
guenter guido guillaume gunnar gustavo guy hakan hanna hannah hannelore hanne hans harald harry hartmut hasan hassan
heather hector hedwig heide heidi heike heiko heinrich heinz helen helena helene helga helge helmut hendrik henning
henri henrik henry herbert herman hermann hilda hilde holger horst hubert hugo hussein ian ibrahim ida ignacio igor
ilona ilse imke ina ines inge ingo ingrid inka irene iris irma isabel isabelle isaac ismail ivan ivo jacek jack jacob
jacqueline jacques jakob jamal james jan jana jane janina janine jasmin jason jasper jean jeanette jeanne jeffrey
jennifer jens jeremy jerome jesper jessica jesus joachim joan joana joanna jochen joel johan johann johanna johannes
john jonas jonathan jordan jorge jose josef josefine joseph joshua josip joyce juan juana judith juergen julia julian
juliane julie julien julio julius justin justyna jutta kai karen karim karin karina karl karla karolina karsten
katharina kathleen katja keith kelly kelvin kenneth kerstin kevin khalid kilian kim kirsten klara klaus knut konrad
konstantin kristian kristin kristina krzysztof kurt kyle lara larissa lars laszlo laura laurent lauren lea leah leif
leila lena leo leon leonie leopold leslie levi liam lilian lilly lina linda lisa lorena lorenz loretta lothar louis
louise luc luca lucas lucia lucie lucy ludwig luis luisa luka lukas lutz lydia lynn maarten madeleine magnus maike
mailin maja malte manfred manuel manuela mara marc marcel marcin marco marcos marcus marek maren margaret margarete
margit margot maria mariam marian marianne marie marieke mariella marina mario marion marisol marius mark marko markus
marlene marlies marsha marta martha martin martina marvin mary maryam mathias mathieu mathilde matteo matthew matthias
maud maurice mauro maxime mehdi mehmet meike melanie melissa mercedes merle mia michael michaela michal michel michele
michelle miguel mika mikael mila milan milena mina mira miriam mohamed moira monica monika moritz morten moses mustafa
nadia nadine nadja natalia natalie nathan neil nele nicholas nicola nicolas nicole niels nikita nikola nikolai nils
nina noah noemi noemie nora norbert norma octavia olaf ole oleg olga oliver olivia olivier omar orhan oscar oskar
osman otto pablo pamela paola pascal patrice patricia patrick patrik paul paula paulina pauline paulo pavel pawel
pedro peer peggy per peter petra philipp philippe phyllis pia pierre piotr rachel rafael raffaella rahul rainer raj
ralf ralph ramon ramona raoul raquel rasmus raul raymond rebecca regina regine reiner reinhard reinhold remy renata
renate rene ricardo riccardo richard rita robert roberto robin rocio roger roland rolf roman romy ronald ronja rosa
rosalie rosalind rose rosemarie rosemary ross roxana ruben rudolf ruediger rupert russell ruth ryan sabina sabine
sabrina saeed salim salma samira samuel sandra sandrine sara sarah saskia scott sean sebastian selina selma serena
sergio severin shannon sharon sheila shirley sibylle siegfried sigrid silke silvia simon simona simone sina sofia
sofie sonia sonja sophia sophie soren stacey stefan stefania stefanie steffen stella stephan stephanie stephen steven
stuart sunil susan susanne suzanne sven svenja swen sylvain sylvia sylvie tamara tanja tara tatjana terence teresa
thea theo theresa therese thiago thierry thomas thorsten thibault tilman tim timo timothy tina tobias todd tom tomas
tomasz toni torben torsten tracy travis tristan uli ulf ulla ulrich ulrike ursula ute uwe valentin valentina valeria
valerie vanessa vera verena veronika victor victoria viktor viktoria vincent vincenzo viola violet virginia vivian
vivien volker walter waltraud wanda wayne wendelin wendy werner wiebke wilfried wilhelm willem william wolfgang
wolfram xavier xenia yann yannick yasmin yolanda yusuf yves yvonne zainab zara zdenek zoe zofia
"""


def _short_forms() -> dict[str, frozenset[str]]:
    rows = (row.partition(":") for row in _NICKNAMES.replace("\n", " ").split("|"))
    return {short.strip(): frozenset(fold(name) for name in names.split()) for short, _, names in rows}


_STANDS_FOR = _short_forms()
_KNOWN = {fold(name) for name in _FREQUENT.split()}.union(_STANDS_FOR, *_STANDS_FOR.values())


def is_first_name(name: str) -> bool:
    """Whether a folded word is a frequent first name, and no slip of another."""
    return name in _KNOWN


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
