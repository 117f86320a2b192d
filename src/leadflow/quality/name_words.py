"""Words before, after and between names, and in job titles."""

from __future__ import annotations

from leadflow.entities import Seniority

__all__ = [
    "CREDENTIALS",
    "DEPARTMENTS",
    "FAKE_NAMES",
    "FAKE_WORDS",
    "FIRST_NAMES_TOO",
    "GENERATIONS",
    "NEARLY_ALWAYS_FIRST_NAMES",
    "SALUTATIONS",
    "SENIORITY",
    "SENIORITY_WORDS",
    "SURNAME_STARTS",
    "TITLES",
    "TITLES_IN_CAPITALS",
    "TITLES_WITH_DOT",
    "VIETNAMESE",
]

SALUTATIONS = {
    "herr": "Herr", "herrn": "Herr", "hr": "Herr", "hr.": "Herr", "h.": "Herr", "männlich": "Herr", "male": "Mr",
    "frau": "Frau", "fr": "Frau", "fr.": "Frau", "weiblich": "Frau", "fräulein": "Frau", "female": "Ms", "mr": "Mr",
    "mr.": "Mr", "mister": "Mr", "ms": "Ms", "ms.": "Ms", "mrs": "Mrs", "mrs.": "Mrs", "miss": "Miss", "mx": "Mx",
    "mx.": "Mx", "divers": "Divers", "mevrouw": "Mevr.", "meneer": "Dhr.", "pani": "Pani", "doña": "Doña",
    "dña.": "Doña", "sir": "Sir", "dame": "Dame", "madam": "Madam", "m.": "M.", "monsieur": "M.",
    "mme": "Mme",
    "mme.": "Mme", "madame": "Mme", "signor": "Signor", "signora": "Signora", "señor": "Señor", "señora": "Señora",
    "sr.": "Señor", "sra.": "Señora", "srta.": "Señorita", "sig.": "Signor", "sig.ra": "Signora", "mw.": "Mevr.",
    "mlle": "Mlle", "mademoiselle": "Mlle", "eheleute": "Familie", "fam.": "Familie", "dhr.": "Dhr.",
    "mevr.": "Mevr.", "familie": "Familie",
}  # fmt: skip

# In one spelling; a key is the word without dots and blanks, in lower case.
TITLES = {
    "dr": "Dr.", "drs": "Drs.", "doktor": "Dr.", "prof": "Prof.", "professor": "Prof.", "med": "med.",
    "dent": "dent.", "vet": "vet.", "rer": "rer.", "nat": "nat.", "pol": "pol.", "oec": "oec.", "phil": "phil.",
    "jur": "jur.", "iur": "iur.", "theol": "theol.", "habil": "habil.", "hc": "h.c.", "mult": "mult.", "mag": "Mag.",
    "pd": "PD", "priv-doz": "Priv.-Doz.", "dipl-ing": "Dipl.-Ing.", "dipling": "Dipl.-Ing.", "dipl-kfm": "Dipl.-Kfm.",
    "dipl-kffr": "Dipl.-Kffr.", "dipl-inf": "Dipl.-Inf.", "dipl-inform": "Dipl.-Inform.", "dipl-phys": "Dipl.-Phys.",
    "dipl-math": "Dipl.-Math.", "dipl-psych": "Dipl.-Psych.", "dipl-betriebsw": "Dipl.-Betriebsw.",
    "dipl-wirt-ing": "Dipl.-Wirt.-Ing.", "dipl-vw": "Dipl.-Vw.", "dipl-oec": "Dipl.-Oec.", "ing": "Ing.", "di": "DI",
    "dkfm": "Dkfm.", "ddr": "DDr.", "mba": "MBA", "phd": "Ph.D.", "bsc": "B.Sc.", "msc": "M.Sc.", "beng": "B.Eng.",
    "meng": "M.Eng.", "dr-ing": "Dr.-Ing.", "llm": "LL.M.", "llb": "LL.B.", "emba": "EMBA", "cpa": "CPA",
    "cfa": "CFA", "md": "M.D.", "magfh": "Mag. (FH)", "eth": "ETH", "esq": "Esq.", "univ-prof": "Univ.-Prof.",
    "univprof": "Univ.-Prof.", "ao": "ao.", "em": "em.", "dipl": "Dipl.", "mmag": "MMag.", "maga": "Mag.a",
    "bakk": "Bakk.", "ra": "RA", "rain": "RAin", "stb": "StB", "wp": "WP", "dott": "Dott.", "dottssa": "Dott.ssa",
    "avv": "Avv.", "ir": "Ir.", "lic": "Lic.", "rev": "Rev.", "hon": "Hon.", "capt": "Capt.", "col": "Col.",
    "gen": "Gen.", "lt": "Lt.", "sgt": "Sgt.", "univ": "Univ.", "fh": "(FH)", "tu": "(TU)", "ba": "B.A.",
    "ma": "M.A.", "jd": "J.D.", "dds": "D.D.S.", "dba": "DBA", "edd": "Ed.D.", "bs": "B.S.", "ms": "M.S.",
    "pmp": "PMP", "cissp": "CISSP", "acca": "ACCA", "frcs": "FRCS", "obe": "OBE", "mbe": "MBE", "cbe": "CBE",
    "rn": "R.N.", "pe": "P.E.", "mph": "MPH", "mpa": "MPA", "mres": "MRes", "mphil": "M.Phil.", "dphil": "D.Phil.",
    "cism": "CISM", "ceng": "CEng", "mib": "MIB", "mbl": "MBL", "cma": "CMA", "cia": "CIA", "psyd": "Psy.D.",
    "dvm": "D.V.M.", "mgr": "mgr", "inż": "inż.",
    "clu": "CLU", "cfp": "CFP", "chfc": "ChFC", "lutc": "LUTC", "cpcu": "CPCU", "crna": "CRNA",
    "qc": "QC", "kc": "KC", "mp": "MP", "mep": "MEP", "frics": "FRICS", "mrics": "MRICS", "fca": "FCA", "aca": "ACA",
    "phr": "PHR", "sphr": "SPHR", "csm": "CSM",
}  # fmt: skip
# Titles only with a dot, since they are also names and words.
TITLES_WITH_DOT = frozenset(
    """med nat pol mag ing eth di vet dent phil md pd rer ao em ir ra wp stb lic rev hon capt col gen lt sgt ba ma bs
    ms jd pe rn avv univ fh tu cia cma dba rain qc kc mp mep fca aca phr csm clu cfp""".split()
)
# Before a name also without a dot, if in this spelling.
TITLES_IN_CAPITALS = frozenset({"PD", "DI", "RA", "StB", "WP", "RAin"})
# Behind a name; those of TITLES_WITH_DOT only with dots, or in capitals behind a comma.
CREDENTIALS = frozenset(
    """mba emba phd bsc msc beng meng llm llb cpa cfa esq ba ma bs ms md jd dds dba edd pmp cissp acca frcs obe mbe
    cbe rn pe mph mpa mres mphil dphil cism ceng mib mbl cma cia psyd dvm fh tu bakk clu cfp chfc lutc cpcu crna qc kc
    mp mep frics mrics fca aca phr sphr csm""".split()
)
# Behind a name, they tell father and son apart; they are no part of the last name.
GENERATIONS = frozenset("jr sr jnr snr jun sen junior senior ii iii iv vi vii viii 2nd 3rd 4th".split())
# Particles that are first names as well, if they begin a full name with a capital.
FIRST_NAMES_TOO = frozenset("ben van al mac della la le du do di den bin ter".split())
NEARLY_ALWAYS_FIRST_NAMES = frozenset("ben al mac".split())
VIETNAMESE = frozenset("nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh truong lam".split())

SURNAME_STARTS = frozenset(
    """von van vom zu zum zur de del della di da dos das do du des la le el al bin ibn ben ten ter te 't der den af
    av freiherr freifrau graf gräfin st. mac saint""".split()
)

FAKE_WORDS = frozenset(
    """asdf asdfg asdfgh asdasd qwer qwert qwertz qwerty yxcv yxcvb zxcv zxcvb jklö hjkl xxx xxxx yyy abc abcd foo
    bar foobar blah bla blabla test tester testing testtest dummy fake niemand nobody keiner anonym anonymous
    vorname nachname firstname lastname name kunde kundin interessent interessentin privat ansprechpartner
    ansprechpartnerin geschäftsführer geschäftsführerin geschäftsführung inhaber kontakt customer owner""".split()
)
FAKE_NAMES = frozenset(
    name.replace("_", " ")
    for name in """max_mustermann erika_mustermann maria_musterfrau john_doe jane_doe joe_bloggs mickey_mouse
    micky_maus minnie_mouse donald_duck daisy_duck dagobert_duck darth_vader luke_skywalker james_bond harry_potter
    homer_simpson bart_simpson santa_claus peter_pan batman superman spider_man sherlock_holmes chuck_norris
    heinz_ketchup hans_wurst elmer_fudd""".split()
)

SENIORITY_WORDS: dict[str, Seniority] = {
    "c-level": "c-level", "c level": "c-level", "clevel": "c-level", "executive": "c-level", "c-suite": "c-level",
    "owner": "c-level", "inhaber": "c-level", "geschäftsführung": "c-level", "vorstand": "c-level",
    "founder": "c-level", "director": "director", "direktor": "director", "vp": "director", "head": "director",
    "leitung": "director", "bereichsleitung": "director", "vice president": "director", "manager": "manager",
    "management": "manager", "teamleitung": "manager", "abteilungsleitung": "manager", "lead": "manager",
    "team lead": "manager", "staff": "staff", "mitarbeiter": "staff", "fachkraft": "staff", "employee": "staff",
    "professional": "staff", "senior": "staff", "junior": "staff", "entry": "staff",
    "individual contributor": "staff", "angestellter": "staff", "student": "student", "intern": "student",
    "trainee": "student", "praktikant": "student", "azubi": "student", "werkstudent": "student",
}  # fmt: skip

# The first row with a word of the job title wins. "*x" is a suffix, "x*" a prefix, "x y" a phrase.
SENIORITY: tuple[tuple[Seniority, tuple[str, ...]], ...] = (
    ("student", ("student*", "*student", "*studentin", "praktikant*", "intern", "trainee", "azubi", "auszubildende*",
                 "apprentice", "schüler*", "volontär*", "stagiaire*", "alternant*", "apprenti*", "étudiant*",
                 "en alternance")),
    ("director", ("secrétaire général*", "chief of staff")),
    ("staff", ("assistant to", "executive assistant", "personal assistant", "assistenz", "assistent*", "*assistenz",
               "*assistent", "*assistentin", "sekretär*", "*sekretär*", "secretary", "account manager",
               "office manager", "account executive", "sales executive", "community manager", "social media manager",
               "customer success manager", "case manager", "art director", "product owner", "process owner",
               "business partner", "lead generation", "halbleiter*", "*begleiter", "*begleiterin", "hausmeister*",
               "assistante*", "assistant de", "assistant du", "ea to", "assistant commercial", "secrétaire*",
               "chargé de", "chargée de", "chargé d", "chargée d")),
    ("director", ("vice president", "vp", "svp", "evp", "avp", "vice présid*")),
    ("c-level", ("ceo", "cfo", "cto", "coo", "cio", "cmo", "cso", "cpo", "cro", "cdo", "chro", "ciso", "cxo", "chief*",
                 "geschäftsführ*", "geschaeftsfuehr*", "gf", "*geschäftsführer", "*geschäftsführerin", "*inhaber*",
                 "inh", "geschäftsleit*", "eigentümer*", "owner", "founder", "co-founder", "cofounder",
                 "gründer*", "mitgründer*", "vorstand*", "vorständin", "president", "präsident*",
                 "managing director", "managing partner", "senior partner", "founding partner", "gesellschafter*",
                 "unternehmer*", "*vorstand", "selbständig*", "selbstständig*", "freelancer", "freiberufler*",
                 "proprietor", "chairman", "chairwoman", "chairperson", "board member", "member of the board",
                 "aufsichtsrat*", "aufsichtsrät*", "verwaltungsrat*", "verwaltungsrät*", "*bürgermeister*",
                 "directeur général*", "directrice générale*", "dg", "dga", "pdg", "président*", "gérant*",
                 "cogérant*", "fondateur*", "fondatrice*", "cofondat*", "dirigeant*", "propriétaire*",
                 "chef d entreprise", "cheffe d entreprise", "entrepreneur*", "auto entrepreneur*")),
    ("manager", ("teamleit*", "gruppenleit*", "abteilungsleit*", "projektleit*", "filialleit*", "schichtleit*",
                 "team lead*", "team leader", "teamlead*", "supervisor", "deputy director", "assistant director",
                 "directeur adjoint*", "directrice adjointe*", "adjoint au*", "adjointe au*", "adjoint à la",
                 "adjointe à la")),
    ("director", ("director*", "direktor*", "*direktor", "*direktorin", "head of", "head", "leiter", "leiterin",
                  "leitung", "*leiter", "*leiterin", "*leitung", "ltr", "general manager", "prokurist*", "prokura",
                  "dekan*", "rektor*", "chefarzt", "chefärztin", "chefredakteur*", "directeur*", "directrice*",
                  "dsi", "daf", "drh", "dircom")),
    ("manager", ("manager", "managerin", "*manager", "*managerin", "lead", "meister", "*meister", "foreman",
                 "*verantwortliche*", "leitend*", "polier*", "vorarbeiter*", "handlungsbevollmächtigt*", "oberarzt",
                 "oberärztin", "responsable*", "chef de", "cheffe de", "chef d", "cheffe d", "chef du", "rssi",
                 "manageur*", "manageuse*")),
    ("staff", ("engineer", "*ingenieur*", "developer", "*entwickler*", "sachbearbeiter*", "consultant*", "*berater*",
               "specialist", "*spezialist*", "referent*", "mitarbeiter*", "*mitarbeiter*", "einkäufer*",
               "*einkäufer*", "analyst*", "buchhalter*", "*buchhalter*", "representative", "associate",
               "administrator*", "designer*", "techniker*", "*techniker*", "verkäufer*", "kaufmann", "kauffrau",
               "*kaufmann", "*kauffrau", "architect", "architekt*", "clerk", "officer", "buyer", "purchaser",
               "programmer", "scientist", "disponent*", "coordinator", "koordinator*", "employee", "angestellte*",
               "fachkraft", "*fachkraft", "monteur*", "sales rep", "sdr", "bdr", "accountant*", "recruiter*",
               "ingénieur*", "développeu*", "comptable*", "acheteu*", "conseiller*", "conseillère*",
               "technico commercial*", "commercial", "commerciale", "technicien*", "vendeu*", "gestionnaire*",
               "employé*", "analyste*", "rédact*", "acheteuse*")),
)  # fmt: skip

# Where somebody works, by the job title; rows and patterns as above.
DEPARTMENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Administration", ("personal assistant", "executive assistant", "assistenz*", "*assistenz", "assistent*",
                        "*assistent", "*assistentin", "*sekretär*", "secretary", "secrétaire*", "office manager",
                        "assistante de direction", "assistant de direction", "empfang*", "receptionist")),
    ("Sales", ("vertrieb*", "*vertrieb*", "sales", "verkauf*", "*verkauf", "*verkaufs*", "*verkäufer*",
               "account manager", "account executive", "business development", "key account*", "außendienst*",
               "innendienst*", "sdr", "bdr", "vente*", "commercial", "commerciale", "commerciaux",
               "technico commercial*", "vendeu*", "cro",
               "chief revenue officer")),
    ("Marketing", ("marketing*", "*marketing*", "cmo", "kommunikation*", "communication*", "social media*", "content",
                   "brand", "pr", "öffentlichkeitsarbeit", "presse*", "dircom", "seo", "growth", "community manager")),
    ("HR", ("hr", "human resources", "personalleit*", "personalabteilung", "personalreferent*", "personalwesen",
            "personalentwick*", "personalmanag*", "personalchef*", "personal", "drh", "rh", "ressources humaines",
            "recruit*", "chro", "people", "talent", "recrutement")),
    ("Purchasing", ("einkauf*", "*einkauf*", "*einkäufer*", "procurement", "purchas*", "buyer", "sourcing", "achat*",
                    "acheteu*", "beschaffung*", "cpo procurement")),
    ("Finance", ("cfo", "daf", "finance*", "*finanz*", "controll*", "*controll*", "*buchhalt*", "accounting",
                 "accountant*", "comptab*", "treasur*", "rechnungswesen", "financier*", "financière*")),
    ("IT", ("it", "edv", "cio", "ciso", "cto", "informatik*", "information technology", "information security",
            "system administrator*", "systemadmin*", "devops", "dsi", "rssi", "informatique*", "systèmes d information",
            "*informatik*", "ict", "wirtschaftsinformatik*")),
    ("Legal", ("recht*", "*rechtsanw*", "legal", "jurist*", "*jurist*", "counsel", "compliance", "juridique*",
               "datenschutz*", "lawyer", "avocat*")),
    ("Logistics", ("logisti*", "*logisti*", "supply chain", "lager", "lagerleit*", "lagerist*", "warehouse", "versand*",
                   "disponent*", "disposition", "fuhrpark*", "fleet*", "transport*", "spedition*")),
    ("Production", ("produktion*", "*produktions*", "fertigung*", "werkleit*", "werksleit*", "manufacturing",
                    "plant", "betriebsleit*", "instandhalt*", "production", "maintenance", "montage*")),
    ("Product", ("product manager", "product owner", "produktmanag*", "product", "chef de produit",
                 "cheffe de produit")),
    ("Service", ("customer service", "customer success*", "customer support", "kundenservice*", "kundendienst*",
                 "support", "service client*", "helpdesk", "service manager", "servicetechnik*", "after sales")),
    ("Engineering", ("forschung*", "entwicklung*", "*entwickler*", "*entwicklung", "research", "engineering",
                     "engineer*", "*ingenieur*", "ingénieur*", "konstrukt*", "développeu*", "developer*", "r d",
                     "recherche", "programmer*", "software*")),
    ("Management", ("geschäftsführ*", "geschaeftsfuehr*", "gf", "geschäftsleit*", "ceo", "coo", "pdg", "dg",
                    "directeur général*", "directrice générale*", "inhaber*", "vorstand*", "owner", "founder",
                    "co-founder", "managing director", "gérant*", "président directeur général*", "gründer*",
                    "chief executive*", "general manager")),
)  # fmt: skip
