"""Countries by name: English, German, French, Spanish, Italian, Dutch, the country's own languages, and ISO 3166.

Drawn from CLDR (babel) and ISO 3166 (pycountry), with the names that people also write and the alpha-3 codes.
"""

from __future__ import annotations

__all__ = ["COUNTRY_NAMES"]

# ISO 3166-1 alpha-2: what the country is called.
COUNTRY_NAMES = """
AD: Andorra, AND, Andorre, Principality of Andorra | AE: Vereinigte Arabische Emirate, United Arab Emirates, UAE,
Dubai, ARE, Émirats arabes unis, Emiratos Árabes Unidos, Emirati Arabi Uniti, Verenigde Arabische Emiraten, الإمارات
العربية المتحدة, Emirates, Emirate, Abu Dhabi, Émirats | AF: AFG, Afghanistan, Afganistán, Islamic Republic of
Afghanistan, افغانستان | AG: ATG, Antigua & Barbuda, Antigua und Barbuda, Antigua-et-Barbuda, Antigua y Barbuda,
Antigua e Barbuda, Antigua en Barbuda | AI: AIA, Anguilla, Anguila | AL: Albanien, Albania, ALB, Albanie, Republic of
Albania, Shqipëri | AM: ARM, Armenia, Armenien, Arménie, Republic of Armenia, Հայաստան | AO: AGO, Angola, Republic of
Angola | AQ: ATA, Antarctica, Antarktis, Antarctique, Antártida, Antartide | AR: Argentinien, Argentina, ARG,
Argentine, Argentinië, Argentine Republic | AS: ASM, American Samoa, Amerikanisch-Samoa, Samoa américaines, Samoa
Americana, Samoa Americane, Amerikaans-Samoa, Samoa American | AT: Österreich, Austria, A, AUT, Autriche, Oostenrijk,
Republic of Austria, Republik Österreich, Österr., Rakousko | AU: Australien, Australia, AUS, Australie | AW: ABW,
Aruba | AX: ALA, Åland Islands, Ålandinseln, Îles Åland, Islas Aland, Isole Åland, Åland | AZ: AZE, Azerbaijan,
Aserbaidschan, Azerbaïdjan, Azerbaiyán, Azerbaigian, Azerbeidzjan, Republic of Azerbaijan, Azərbaycan, Азәрбајҹан |
BA: Bosnien und Herzegowina, Bosnia and Herzegovina, Bosnien, BIH, Bosnie-Herzégovine, Bosnia y Herzegovina, Bosnia ed
Erzegovina, Bosnië en Herzegovina, Republic of Bosnia and Herzegovina, Bosna i Hercegovina, Босна и Херцеговина,
Bosnia, Bosnia Herzegovina, Bosnien-Herzegowina | BB: BRB, Barbados, Barbade | BD: Bangladesch, Bangladesh, BGD,
Bangladés, People's Republic of Bangladesh, বাংলাদেশ | BE: Belgien, Belgium, België, Belgique, BEL, Bélgica, Belgio,
Kingdom of Belgium | BF: BFA, Burkina Faso | BG: Bulgarien, Bulgaria, BGR, Bulgarie, Bulgarije, Republic of Bulgaria,
България | BH: Bahrain, BHR, Bahreïn, Baréin, Kingdom of Bahrain, البحرين | BI: BDI, Burundi, Republic of Burundi,
Uburundi | BJ: BEN, Benin, Republic of Benin | BL: BLM, St. Barthélemy, Saint-Barthélemy, San Bartolomé | BM: BMU,
Bermuda, Bermudes, Bermudas | BN: BRN, Brunei, Brunei Darussalam, بروني | BO: BOL, Bolivia, Bolivien, Bolivie,
Plurinational State of Bolivia, Bolivia Plurinational State of | BQ: BES, Caribbean Netherlands, Karibische
Niederlande, Pays-Bas caribéens, Caribe neerlandés, Caraibi Olandesi, Caribisch Nederland, Sint Eustatius and Saba
Bonaire, Bonaire Sint Eustatius and Saba | BR: Brasilien, Brazil, Brasil, BRA, Brésil, Brasile, Brazilië, Federative
Republic of Brazil | BS: BHS, Bahamas, Commonwealth of the Bahamas | BT: BTN, Bhutan, Bhoutan, Bután, Kingdom of
Bhutan, འབྲུག | BV: BVT, Bouvet Island, Bouvetinsel, Île Bouvet, Isla Bouvet, Isola Bouvet, Bouveteiland | BW: BWA,
Botswana, Botsuana, Republic of Botswana | BY: Belarus, Weißrussland, BLR, Biélorussie, Bielorrusia, Bielorussia,
Republic of Belarus, Беларусь, Belorussia, White Russia, Wit-Rusland | BZ: BLZ, Belize, Belice | CA: Kanada, Canada,
CAN | CC: CCK, Cocos (Keeling) Islands, Kokosinseln, Îles Cocos, Islas Cocos, Isole Cocos, Keeling, Isole Cocos
(Keeling), Cocoseilanden | CD: COD, Congo - Kinshasa, Kongo-Kinshasa, República Democrática del Congo, The Democratic
Republic of the Congo, Congo The Democratic Republic of the, DR Congo, Democratic Republic of Congo, Zaire, RDC | CF:
CAF, Central African Republic, Zentralafrikanische Republik, République centrafricaine, República Centroafricana,
Repubblica Centrafricana, Centraal-Afrikaanse Republiek, Ködörösêse tî Bêafrîka | CG: COG, Congo - Brazzaville,
Kongo-Brazzaville, Congo, Republic of the Congo, Republic of Congo | CH: Schweiz, Switzerland, Suisse, Svizzera, CHE,
SUI, Suiza, Zwitserland, Swiss Confederation, Schwiiz, Schweizerische Eidgenossenschaft, Confoederatio Helvetica,
Svizra, Szwajcaria, Švýcarsko | CI: CIV, Côte d'Ivoire, Costa d'Avorio, Ivoorkust, Republic of Côte d'Ivoire, Ivory
Coast, Elfenbeinküste | CK: COK, Cook Islands, Cookinseln, Îles Cook, Islas Cook, Isole Cook, Cookeilanden | CL:
Chile, CHL, Chili, Cile, Republic of Chile | CM: CMR, Cameroon, Kamerun, Cameroun, Camerún, Kameroen, Republic of
Cameroon | CN: China, Volksrepublik China, CHN, Chine, Cina, People's Republic of China, 中国, PR China, VR China,
Mainland China, PRC | CO: Kolumbien, Colombia, COL, Colombie, Republic of Colombia | CR: CRI, Costa Rica, Republic of
Costa Rica | CU: CUB, Cuba, Kuba, Republic of Cuba | CV: CPV, Cape Verde, Cabo Verde, Cap-Vert, Capo Verde,
Kaapverdië, Republic of Cabo Verde | CW: CUW, Curaçao, Curazao, Kòrsou | CX: CXR, Christmas Island, Weihnachtsinsel,
Île Christmas, Isla de Navidad, Isola Christmas, Christmaseiland | CY: Zypern, Cyprus, CYP, Chypre, Chipre, Cipro,
Republic of Cyprus, Κύπρος, Kıbrıs | CZ: Tschechien, Czechia, Czech Republic, Tschechische Republik, Česko, CZE,
Tchéquie, Chequia, Cechia, Tsjechië, Tschechei, Czech Rep, Česká republika, Repubblica Ceca, République tchèque,
República Checa, Tsjechische Republiek | DE: Deutschland, Germany, Bundesrepublik Deutschland, BRD, Allemagne, D, GER,
DEU, Alemania, Germania, Duitsland, Federal Republic of Germany, Niemcy, Alemanha, Tyskland, Německo, BR Deutschland |
DJ: DJI, Djibouti, Dschibuti, Yibuti, Gibuti, Republic of Djibouti, جيبوتي | DK: Dänemark, Denmark, Danmark, DNK,
Dinamarca, Danimarca, Denemarken, Kingdom of Denmark | DM: DMA, Dominica, Dominique, Commonwealth of Dominica | DO:
DOM, Dominican Republic, Dominikanische Republik, République dominicaine, República Dominicana, Repubblica Dominicana,
Dominicaanse Republiek | DZ: DZA, Algeria, Algerien, Algérie, Argelia, Algerije, People's Democratic Republic of
Algeria, الجزائر | EC: ECU, Ecuador, Équateur, Republic of Ecuador | EE: Estland, Estonia, EST, Estonie, Republic of
Estonia, Eesti | EG: Ägypten, Egypt, EGY, Égypte, Egipto, Egitto, Arab Republic of Egypt, مصر | EH: ESH, Western
Sahara, Westsahara, Sahara occidental, Sahara Occidentale, Westelijke Sahara, الصحراء الغربية | ER: ERI, Eritrea,
Érythrée, the State of Eritrea, إريتريا, ኤርትራ | ES: Spanien, Spain, España, ESP, Espagne, Spagna, Spanje, Kingdom of
Spain | ET: ETH, Ethiopia, Äthiopien, Éthiopie, Etiopía, Federal Democratic Republic of Ethiopia, ኢትዮጵያ | FI:
Finnland, Finland, Suomi, FIN, Finlande, Finlandia, Republic of Finland | FJ: FJI, Fiji, Fidschi, Fidji, Fiyi, Figi,
Republic of Fiji | FK: FLK, Falkland Islands, Falklandinseln, Îles Malouines, Islas Malvinas, Isole Falkland,
Falklandeilanden, Malvinas, Falkland Islands (Malvinas), Falklands | FM: FSM, Micronesia, Mikronesien, Micronésie,
Federated States of Micronesia, Micronesia Federated States of | FO: FRO, Faroe Islands, Färöer, Îles Féroé, Islas
Feroe, Isole Fær Øer, Føroyar | FR: Frankreich, France, FRA, Francia, Frankrijk, French Republic, Frankrike, Francja |
GA: GAB, Gabon, Gabun, Gabonese Republic | GB: Vereinigtes Königreich, United Kingdom, UK, Großbritannien, Great
Britain, Britain, England, Scotland, Schottland, Wales, Northern Ireland, Nordirland, GBR, Royaume-Uni, Reino Unido,
Regno Unito, Verenigd Koninkrijk, United Kingdom of Great Britain and Northern Ireland, Inghilterra, Inglaterra,
Angleterre, Engeland, Gran Bretagna, Gran Bretaña, Grande-Bretagne, Groot-Brittannië, Escocia, Écosse, Scozia,
Schotland | GD: GRD, Grenada, Grenade, Granada | GE: Georgien, Georgia, GEO, Géorgie, საქართველო | GF: GUF, French
Guiana, Französisch-Guayana, Guyane française, Guayana Francesa, Guyana Francese, Frans-Guyana | GG: GGY, Guernsey,
Guernesey | GH: Ghana, GHA, Republic of Ghana | GI: GIB, Gibraltar, Gibilterra | GL: GRL, Greenland, Grönland,
Groenlandia, Kalaallit Nunaat | GM: GMB, Gambia, Gambie, Republic of the Gambia | GN: GIN, Guinea, Guinée, Republic of
Guinea | GP: GLP, Guadeloupe, Guadalupe, Guadalupa | GQ: GNQ, Equatorial Guinea, Äquatorialguinea, Guinée équatoriale,
Guinea Ecuatorial, Guinea Equatoriale, Equatoriaal-Guinea, Republic of Equatorial Guinea, Guiné Equatorial, Guinea
Equatorial | GR: Griechenland, Greece, GRC, Grèce, Grecia, Griekenland, Hellenic Republic, Ελλάδα | GS: SGS, South
Georgia & South Sandwich Islands, Südgeorgien und die Südlichen Sandwichinseln, Géorgie du Sud-et-les Îles Sandwich du
Sud, Islas Georgia del Sur y Sandwich del Sur, Georgia del Sud e Sandwich Australi, Zuid-Georgia en Zuidelijke
Sandwicheilanden, South Georgia and the South Sandwich Islands | GT: GTM, Guatemala, Republic of Guatemala | GU: GUM,
Guam | GW: GNB, Guinea-Bissau, Guinée-Bissau, Guinea-Bisáu, Republic of Guinea-Bissau, Guiné-Bissau | GY: GUY, Guyana,
Republic of Guyana | HK: Hong Kong SAR China, Sonderverwaltungsregion Hongkong, RAE de Hong Kong China, RAS di Hong
Kong, Hongkong SAR van China, Hongkong, Hong Kong, HKG, R.A.S. chinoise de Hong Kong, Hong Kong Special Administrative
Region of China, 中國香港特別行政區, Hongkong China | HM: HMD, Heard Island & McDonald Islands, Heard und
McDonaldinseln, Îles Heard-et-MacDonald, Islas Heard y McDonald, Isole Heard e McDonald, Heard en McDonaldeilanden |
HN: HND, Honduras, Republic of Honduras | HR: Kroatien, Croatia, Hrvatska, HRV, Croatie, Croacia, Croazia, Kroatië,
Republic of Croatia | HT: HTI, Haiti, Republic of Haiti | HU: Ungarn, Hungary, Magyarország, HUN, Hongrie, Hungría,
Ungheria, Hongarije | ID: Indonesien, Indonesia, IDN, Indonésie, Republic of Indonesia | IE: Irland, Ireland, IRL,
Irlande, Irlanda, Ierland, Éire, Republic of Ireland, Republik Irland | IL: Israel, ISR, Israele, State of Israel,
إسرائيل, ישראל | IM: IMN, Isle of Man, Île de Man, Isla de Man, Isola di Man, Ellan Vannin | IN: Indien, India, IND,
Inde, Republic of India, भारत | IO: IOT, British Indian Ocean Territory, Britisches Territorium im Indischen Ozean,
Territoire britannique de l'océan Indien, Territorio Británico del Océano Índico, Territorio Britannico dell'Oceano
Indiano, Brits Indische Oceaanterritorium | IQ: IRQ, Iraq, Irak, Republic of Iraq, العراق | IR: IRN, Iran, Islamic
Republic of Iran, Iran Islamic Republic of, ایران | IS: Island, Iceland, ISL, Islande, Islandia, Islanda, IJsland,
Republic of Iceland | IT: Italien, Italy, Italia, ITA, Italie, Italian Republic | JE: JEY, Jersey | JM: JAM, Jamaica,
Jamaika, Jamaïque, Giamaica | JO: JOR, Jordan, Jordanien, Jordanie, Jordania, Giordania, Hashemite Kingdom of Jordan,
الأردن | JP: Japan, JPN, Japon, Giappone, 日本 | KE: Kenia, Kenya, KEN, Republic of Kenya | KG: KGZ, Kyrgyzstan,
Kirgisistan, Kirghizstan, Kirguistán, Kirghizistan, Kirgizië, Kyrgyz Republic, Кыргызстан, Киргизия | KH: KHM,
Cambodia, Kambodscha, Cambodge, Camboya, Cambogia, Cambodja, Kingdom of Cambodia, កម្ពុជា | KI: KIR, Kiribati,
Republic of Kiribati | KM: COM, Comoros, Komoren, Comores, Comoras, Comore, Comoren, Union of the Comoros, جزر القمر |
KN: KNA, St. Kitts & Nevis, St. Kitts und Nevis, Saint-Christophe-et-Niévès, San Cristóbal y Nieves, Saint Kitts e
Nevis, Saint Kitts en Nevis, Saint Kitts and Nevis | KP: PRK, North Korea, Nordkorea, Corée du Nord, Corea del Norte,
Corea del Nord, Noord-Korea, Democratic People's Republic of Korea, Korea Democratic People's Republic of, 북한, Korea
North, DPRK | KR: Südkorea, South Korea, Korea, KOR, Corée du Sud, Corea del Sur, Corea del Sud, Zuid-Korea, Republic
of Korea, Korea Republic of, 대한민국, Korea South, Republik Korea | KW: Kuwait, KWT, Koweït, State of Kuwait, الكويت
| KY: CYM, Cayman Islands, Kaimaninseln, Îles Caïmans, Islas Caimán, Isole Cayman, Kaaimaneilanden | KZ: Kasachstan,
Kazakhstan, KAZ, Kazajistán, Kazakistan, Kazachstan, Republic of Kazakhstan, Қазақстан, Казахстан | LA: LAO, Laos, Lao
People's Democratic Republic, ລາວ | LB: LBN, Lebanon, Libanon, Liban, Líbano, Lebanese Republic, لبنان | LC: LCA, St.
Lucia, Sainte-Lucie, Santa Lucía, Saint Lucia | LI: Liechtenstein, FL, LIE, Principality of Liechtenstein,
Liächteschtäi | LK: Sri Lanka, LKA, Democratic Socialist Republic of Sri Lanka, ශ්‍රී ලංකාව, இலங்கை | LR: LBR,
Liberia, Republic of Liberia | LS: LSO, Lesotho, Lesoto, Kingdom of Lesotho | LT: Litauen, Lithuania, LTU, Lituanie,
Lituania, Litouwen, Republic of Lithuania, Lietuva | LU: Luxemburg, Luxembourg, LUX, Luxemburgo, Lussemburgo, Grand
Duchy of Luxembourg, Lëtzebuerg | LV: Lettland, Latvia, LVA, Lettonie, Letonia, Lettonia, Letland, Republic of Latvia,
Latvija | LY: LBY, Libya, Libyen, Libye, Libia, Libië, ليبيا | MA: Marokko, Morocco, MAR, Maroc, Marruecos, Marocco,
Kingdom of Morocco, المغرب, Meṛṛuk | MC: Monaco, MCO, Principality of Monaco | MD: Moldau, Moldova, MDA, Republik
Moldau, Moldavie, Moldavia, Republic of Moldova, Moldova Republic of, Republica Moldova, Moldawien | ME: Montenegro,
MNE, Crna Gora | MF: MAF, St. Martin, Saint-Martin, San Martín, French part, Saint Martin (French part) | MG: MDG,
Madagascar, Madagaskar, Republic of Madagascar, Madagasikara | MH: MHL, Marshall Islands, Marshallinseln, Îles
Marshall, Islas Marshall, Isole Marshall, Marshalleilanden, Republic of the Marshall Islands | MK: Nordmazedonien,
North Macedonia, MKD, Macédoine du Nord, Macedonia del Norte, Macedonia del Nord, Noord-Macedonië, Republic of North
Macedonia, Северна Македонија, Macedonia, Mazedonien | ML: MLI, Mali, Republic of Mali | MM: MMR, Myanmar, Burma,
Myanmar (Burma), Birmanie, Myanmar (Birmanie), Birmania, Myanmar (Birmania), Birma, Myanmar (Birma), Republic of
Myanmar, မြန်မာ | MN: MNG, Mongolia, Mongolei, Mongolie, Монгол | MO: Macao SAR China, Sonderverwaltungsregion Macau,
RAE de Macao China, RAS di Macao, Macau SAR van China, MAC, Macao, R.A.S. chinoise de Macao, Macau, Macao Special
Administrative Region of China, RAE da China Macau, Macau RAE da China, 中國澳門特別行政區 | MP: MNP, Northern Mariana
Islands, Nördliche Marianen, Îles Mariannes du Nord, Islas Marianas del Norte, Isole Marianne Settentrionali,
Noordelijke Marianen, Commonwealth of the Northern Mariana Islands | MQ: MTQ, Martinique, Martinica | MR: MRT,
Mauritania, Mauretanien, Mauritanie, Islamic Republic of Mauritania, موريتانيا | MS: MSR, Montserrat | MT: Malta, MLT,
Malte, Republic of Malta | MU: MUS, Mauritius, Maurice, Mauricio, Republic of Mauritius | MV: MDV, Maldives,
Malediven, Maldivas, Maldive, Maldiven, Republic of Maldives, ދިވެހި ރާއްޖެ | MW: MWI, Malawi, Malaui, Republic of
Malawi | MX: Mexiko, Mexico, MEX, Mexique, Messico, United Mexican States | MY: Malaysia, MYS, Malaisie, Malasia,
Maleisië | MZ: MOZ, Mozambique, Mosambik, Mozambico, Republic of Mozambique, Moçambique | NA: Namibia, NAM, Namibie,
Republic of Namibia | NC: NCL, New Caledonia, Neukaledonien, Nouvelle-Calédonie, Nueva Caledonia, Nuova Caledonia,
Nieuw-Caledonië | NE: NER, Niger, Republic of the Niger | NF: NFK, Norfolk Island, Norfolkinsel, Île Norfolk, Isla
Norfolk, Isola Norfolk, Norfolk | NG: Nigeria, NGA, Federal Republic of Nigeria, Nàìjíríà | NI: NIC, Nicaragua,
Republic of Nicaragua | NL: Niederlande, Netherlands, The Netherlands, Holland, Nederland, NLD, Pays-Bas, Países
Bajos, Paesi Bassi, Kingdom of the Netherlands, Holanda, Olanda, Hollande | NO: Norwegen, Norway, Norge, NOR, Norvège,
Noruega, Norvegia, Noorwegen, Kingdom of Norway, Noreg | NP: NPL, Nepal, Federal Democratic Republic of Nepal, नेपाल |
NR: NRU, Nauru, Republic of Nauru | NU: NIU, Niue | NZ: Neuseeland, New Zealand, NZL, Nouvelle-Zélande, Nueva Zelanda,
Nuova Zelanda, Nieuw-Zeeland, Aotearoa | OM: Oman, OMN, Sultanate of Oman, عُمان | PA: PAN, Panama, Republic of Panama
| PE: Peru, PER, Pérou, Republic of Peru | PF: PYF, French Polynesia, Französisch-Polynesien, Polynésie française,
Polinesia Francesa, Polinesia Francese, Frans-Polynesië | PG: PNG, Papua New Guinea, Papua-Neuguinea,
Papouasie-Nouvelle-Guinée, Papúa Nueva Guinea, Papua Nuova Guinea, Papoea-Nieuw-Guinea, Independent State of Papua New
Guinea, Papua Niugini | PH: Philippinen, Philippines, PHL, Filipinas, Filippine, Filipijnen, Republic of the
Philippines, Pilipinas | PK: Pakistan, PAK, Islamic Republic of Pakistan, پاکستان | PL: Polen, Poland, Polska, POL,
Pologne, Polonia, Republic of Poland | PM: SPM, St. Pierre & Miquelon, St. Pierre und Miquelon,
Saint-Pierre-et-Miquelon, San Pedro y Miquelón, Saint-Pierre e Miquelon, Saint-Pierre en Miquelon, Saint Pierre and
Miquelon | PN: PCN, Pitcairn Islands, Pitcairninseln, Îles Pitcairn, Islas Pitcairn, Isole Pitcairn, Pitcairneilanden,
Pitcairn | PR: PRI, Puerto Rico, Porto Rico, Portorico | PS: PSE, Palestinian Territories, Palästinensische
Autonomiegebiete, Territoires palestiniens, Territorios Palestinos, Territori Palestinesi, Palestijnse gebieden, State
of Palestine, Palestine State of, the State of Palestine, الأراضي الفلسطينية, Palestine, Palästina, Palestinian
Territory | PT: Portugal, PRT, Portogallo, Portuguese Republic | PW: PLW, Palau, Palaos, Republic of Palau | PY: PRY,
Paraguay, Republic of Paraguay, Paraguai | QA: Katar, Qatar, QAT, Catar, State of Qatar, قطر | RE: REU, Réunion, La
Réunion, Riunione | RO: Rumänien, Romania, ROU, Roumanie, Rumanía, Roemenië | RS: Serbien, Serbia, SRB, Serbie,
Servië, Republic of Serbia, Србија, Srbija | RU: Russland, Russia, Russische Föderation, Russian Federation, RUS,
Russie, Rusia, Rusland, Россия, Russische Federatie, Federación de Rusia, Fédération de Russie, Federazione Russa,
Rossija | RW: RWA, Rwanda, Ruanda, Rwandese Republic, U Rwanda | SA: Saudi-Arabien, Saudi Arabia, SAU, Arabie
saoudite, Arabia Saudí, Arabia Saudita, Saoedi-Arabië, Kingdom of Saudi Arabia, المملكة العربية السعودية | SB: SLB,
Solomon Islands, Salomonen, Îles Salomon, Islas Salomón, Isole Salomone, Salomonseilanden | SC: SYC, Seychelles,
Seychellen, Republic of Seychelles | SD: SDN, Sudan, Soudan, Soedan, Republic of the Sudan, السودان | SE: Schweden,
Sweden, Sverige, SWE, Suède, Suecia, Svezia, Zweden, Kingdom of Sweden | SG: Singapur, Singapore, SGP, Singapour,
Republic of Singapore, Singapura, சிங்கப்பூர், 新加坡 | SH: SHN, Ascension & Tristan da Cunha St. Helena, St. Helena
Ascension & Tristan da Cunha, St. Helena, Sainte-Hélène, Santa Elena, Sant'Elena, Sint-Helena, Ascension and Tristan
da Cunha Saint Helena, Saint Helena Ascension and Tristan da Cunha, Saint Helena | SI: Slowenien, Slovenia, SVN,
Slovénie, Eslovenia, Republic of Slovenia, Slovenija | SJ: SJM, Svalbard & Jan Mayen, Spitzbergen und Jan Mayen,
Svalbard et Jan Mayen, Svalbard y Jan Mayen, Svalbard e Jan Mayen, Spitsbergen en Jan Mayen, Svalbard og Jan Mayen |
SK: Slowakei, Slovakia, Slovensko, SVK, Slovaquie, Eslovaquia, Slovacchia, Slowakije, Slovak Republic | SL: SLE,
Sierra Leone, Sierra Leona, Republic of Sierra Leone | SM: San Marino, SMR, Saint-Marin, Republic of San Marino | SN:
SEN, Senegal, Republic of Senegal, Senegaal | SO: SOM, Somalia, Somalie, Federal Republic of Somalia, الصومال,
Soomaaliya | SR: SUR, Suriname, Surinam, Republic of Suriname | SS: SSD, South Sudan, Südsudan, Soudan du Sud, Sudán
del Sur, Sud Sudan, Zuid-Soedan, Republic of South Sudan | ST: STP, São Tomé & Príncipe, São Tomé und Príncipe, Sao
Tomé-et-Principe, Santo Tomé y Príncipe, São Tomé e Príncipe, Sao Tomé en Principe, Democratic Republic of Sao Tome
and Principe | SV: SLV, El Salvador, Salvador, Republic of El Salvador | SX: SXM, Sint Maarten, partie néerlandaise,
Saint-Martin (partie néerlandaise), Dutch part, Sint Maarten (Dutch part) | SY: SYR, Syria, Syrien, Syrie, Siria,
Syrian Arab Republic, سوريا | SZ: SWZ, Eswatini, Esuatini, Kingdom of Eswatini, Swaziland, Swasiland | TC: TCA, Turks
& Caicos Islands, Turks- und Caicosinseln, Îles Turques-et-Caïques, Islas Turcas y Caicos, Isole Turks e Caicos,
Turks- en Caicoseilanden | TD: TCD, Chad, Tschad, Tchad, Ciad, Tsjaad, Republic of Chad, تشاد | TF: ATF, French
Southern and Antarctic Lands, Französische Süd- und Antarktisgebiete, Terres australes françaises, Territorios
Australes Franceses, Terre Australi Francesi, Franse Gebieden in de zuidelijke Indische Oceaan, French Southern
Territories | TG: TGO, Togo, Togolese Republic | TH: Thailand, THA, Thaïlande, Tailandia, Thailandia, Kingdom of
Thailand, ไทย | TJ: TJK, Tajikistan, Tadschikistan, Tadjikistan, Tayikistán, Tagikistan, Tadzjikistan, Republic of
Tajikistan, Тоҷикистон | TK: TKL, Tokelau | TL: TLS, Timor-Leste, Timor oriental, Timor Est, Oost-Timor, Democratic
Republic of Timor-Leste, East Timor, Osttimor | TM: TKM, Turkmenistan | TN: Tunesien, Tunisia, TUN, Tunisie, Túnez,
Tunesië, Republic of Tunisia, تونس | TO: TON, Tonga, Kingdom of Tonga | TR: Türkei, Turkey, Türkiye, TUR, Turquie,
Turquía, Turchia, Turkije, Republic of Türkiye | TT: TTO, Trinidad & Tobago, Trinidad und Tobago, Trinité-et-Tobago,
Trinidad y Tobago, Trinidad e Tobago, Trinidad en Tobago, Republic of Trinidad and Tobago | TV: TUV, Tuvalu | TW:
Taiwan, TWN, Province of China Taiwan, Taiwan Province of China, 台灣, Republic of China, Taiwan ROC | TZ: TZA,
Tanzania, Tansania, Tanzanie, United Republic of Tanzania, Tanzania United Republic of | UA: Ukraine, UKR, Ucrania,
Ucraina, Oekraïne, Украина, Україна | UG: Uganda, UGA, Ouganda, Oeganda, Republic of Uganda | UM: UMI, U.S. Outlying
Islands, Amerikanische Überseeinseln, Îles mineures éloignées des États-Unis, Islas menores alejadas de EE. UU., Isole
Minori Esterne degli Stati Uniti, Kleine afgelegen eilanden van de Verenigde Staten, United States Minor Outlying
Islands | US: Vereinigte Staaten, United States, USA, United States of America, Vereinigte Staaten von Amerika, U.S.,
America, Amerika, États-Unis, Estados Unidos, Stati Uniti, Verenigde Staten, Estados Unidos de América, Stati Uniti
d'America, VS, EE.UU., EUA, Etats Unis d'Amérique, USofA | UY: URY, Uruguay, Eastern Republic of Uruguay | UZ: UZB,
Uzbekistan, Usbekistan, Ouzbékistan, Oezbekistan, Republic of Uzbekistan, Oʻzbekiston, Ўзбекистон | VA: VAT, Vatican
City, Vatikanstadt, État de la Cité du Vatican, Ciudad del Vaticano, Città del Vaticano, Vaticaanstad, Holy See,
Vatican City State, Holy See (Vatican City State), Vatican, Vatikan | VC: VCT, St. Vincent & Grenadines, St. Vincent
und die Grenadinen, Saint-Vincent-et-les Grenadines, San Vicente y las Granadinas, Saint Vincent e Grenadine, Saint
Vincent en de Grenadines, Saint Vincent and the Grenadines, Saint Vincent | VE: VEN, Venezuela, Bolivarian Republic of
Venezuela, Venezuela Bolivarian Republic of | VG: VGB, British Virgin Islands, Britische Jungferninseln, Îles Vierges
britanniques, Islas Vírgenes Británicas, Isole Vergini Britanniche, Britse Maagdeneilanden, Virgin Islands British |
VI: VIR, U.S. Virgin Islands, Amerikanische Jungferninseln, Îles Vierges des États-Unis, Islas Vírgenes de EE. UU.,
Isole Vergini Americane, Amerikaanse Maagdeneilanden, Virgin Islands U.S., Virgin Islands of the United States | VN:
Vietnam, VNM, Viêt Nam, Socialist Republic of Viet Nam | VU: VUT, Vanuatu, Republic of Vanuatu | WF: WLF, Wallis &
Futuna, Wallis und Futuna, Wallis-et-Futuna, Wallis y Futuna, Wallis e Futuna, Wallis en Futuna | WS: WSM, Samoa,
Independent State of Samoa | XK: Kosovo, XKX, Kosovë, Косово | YE: YEM, Yemen, Jemen, Republic of Yemen, اليمن | YT:
MYT, Mayotte | ZA: Südafrika, South Africa, ZAF, Afrique du Sud, Sudáfrica, Zuid-Afrika, Republic of South Africa |
ZM: ZMB, Zambia, Sambia, Zambie, Republic of Zambia | ZW: ZWE, Zimbabwe, Simbabwe, Zimbabue, Republic of Zimbabwe
"""
