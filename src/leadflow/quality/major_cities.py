"""The postcodes of large cities in Germany, Austria and Switzerland: small, not complete, good for suggestions."""

from __future__ import annotations

__all__ = ["MAJOR_CITIES_BY_COUNTRY"]

# City: postcodes from-to that are this city's alone; other names of it in brackets.
MAJOR_CITIES_BY_COUNTRY = {
    "DE": """
Berlin: 10115-14199 | Hamburg: 20095-20539 22041-22769 | München (Munich): 80331-81929 | Köln (Cologne): 50667-51149 |
Frankfurt am Main (Frankfurt): 60306-60599 | Stuttgart: 70173-70629 | Düsseldorf: 40210-40629 | Leipzig: 04103-04357 |
Dortmund: 44135-44388 | Essen: 45127-45359 | Bremen: 28195-28779 | Dresden: 01067-01328 | Hannover (Hanover):
30159-30659 | Nürnberg (Nuremberg): 90402-90491 | Duisburg: 47051-47279 | Bochum: 44787-44894 | Wuppertal: 42103-42399
| Bielefeld: 33602-33739 | Bonn: 53111-53229 | Münster: 48143-48167 | Mannheim: 68159-68309 | Karlsruhe: 76131-76229 |
Augsburg: 86150-86199 | Wiesbaden: 65183-65207 | Mönchengladbach: 41061-41239 | Gelsenkirchen: 45879-45899 | Aachen:
52062-52080 | Braunschweig: 38100-38126 | Chemnitz: 09111-09131 | Kiel: 24103-24159 | Halle (Saale) (Halle):
06108-06132 | Magdeburg: 39104-39130 | Freiburg im Breisgau (Freiburg): 79098-79117 | Krefeld: 47798-47839 | Mainz:
55116-55131 | Lübeck: 23552-23570 | Erfurt: 99084-99099 | Oberhausen: 46045-46149 | Rostock: 18055-18147 | Kassel:
34117-34134 | Hagen: 58089-58135 | Potsdam: 14467-14482 | Saarbrücken: 66111-66133 | Hamm: 59063-59077 | Ludwigshafen
am Rhein (Ludwigshafen): 67059-67071 | Oldenburg: 26121-26135 | Osnabrück: 49074-49090 | Leverkusen: 51371-51381 |
Heidelberg: 69115-69126 | Solingen: 42651-42719 | Darmstadt: 64283-64297 | Regensburg: 93047-93059 | Ingolstadt:
85049-85057 | Würzburg: 97070-97084 | Fürth: 90762-90768 | Ulm: 89073-89081 | Heilbronn: 74072-74081 | Pforzheim:
75172-75181 | Göttingen: 37073-37085 | Erlangen: 91052-91058 | Koblenz: 56068-56077 | Trier: 54290-54296 | Jena:
07743-07751 | Konstanz: 78462-78467 | Passau: 94032-94036 | Paderborn: 33098-33106
""",
    "AT": """
Wien (Vienna): 1010-1230 | Graz: 8010-8055 | Linz: 4020-4040 | Salzburg: 5020-5026 | Innsbruck: 6020-6020 | Klagenfurt
am Wörthersee (Klagenfurt): 9020-9020 | Villach: 9500-9500 | Wels: 4600-4600 | St. Pölten: 3100-3100 | Dornbirn:
6850-6850 | Bregenz: 6900-6900 | Eisenstadt: 7000-7000 | Steyr: 4400-4400
""",
    "CH": """
Zürich (Zurich): 8001-8064 | Genève (Genf, Geneva): 1201-1209 | Basel: 4051-4058 | Lausanne: 1003-1018 | Bern (Berne):
3004-3027 | Winterthur: 8400-8409 | Luzern (Lucerne): 6003-6006 | St. Gallen: 9000-9016 | Lugano: 6900-6900 |
Biel/Bienne (Biel, Bienne): 2502-2505 | Zug: 6300-6300 | Chur: 7000-7000 | Neuchâtel (Neuenburg): 2000-2000
""",
}
