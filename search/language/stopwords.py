"""Words that say nothing about a subject: what a text is never matched by.

Folded (`ingest.text.fold`). French first; of the other languages in which people ask, articles,
prepositions and question words, but none that is a content word of French (an, but, sobre, sur).
« Non », « oui », « contre » and « pour cent » are content: councils vote.
"""

_FRENCH = """
afin ah ai aie aient ainsi ait alors as au auquel aura aurai auraient aurait aurez aurons auront
aussi aux auxquelles auxquels avaient avais avait avec avez aviez avions avoir avons ayant ayez
ayons ben bien bon ca ce ceci cela celle celles celui cependant ces cet cette ceux chacun chaque
chez ci combien comme comment dans de deja depuis des desquelles desquels donc dont du duquel eh
elle elles en encore entre es est et etaient etais etait etant etc etes etiez etions etre eu euh
eux faire fais faisait fait faites fera ferait font furent fut hui ici il ils je jusqu jusque la
laquelle le lequel les lesquelles lesquels leur leurs lors lorsqu lorsque lui ma mais me meme
memes mes moi moins mon ne ni nos notre nous oh on ont or ou par parce pas pour pourquoi puis
puisque qu quand que quel quelle quelles quelqu quelque quelques quelquun quelquune quels qui quoi
quoiqu quoique sa sans se sera serai seraient serait serez serons seront ses si sinon soi soient
sois soit sommes son sont sous suis sur ta tant te tel telle telles tels tes toi ton tous tout
toute toutefois toutes tres tu un une vers via voici voila vos votre vous vs y
"""
# Finite forms only: « le pouvoir d'achat », « un devoir », « le savoir-faire » are subjects.
_MODAL = """
peut peux peuvent pouvons pouvez pouvait pouvaient pourra pourrait pourraient pourront pu puisse
puissent doit dois doivent devons devez devait devaient devra devrait devraient devront veut veux
veulent voulons voulez voulait voulaient voudra voudrait voudraient voudrais va vas vais vont
allons allez allait allaient ira irait iront aller faut faudra faudrait fallait fallu
"""
_PHRASES = "peutetre dabord dailleurs cestadire visavis parcontre"
_INCLUSIVE = "iel iels celleux ceulles toustes tou"
_TITLES = "madame monsieur mesdames messieurs mme mmes mr"
_GERMAN = """
der die das den dem und oder ist sind war hat haben wird werden ein eine einen einem einer eines
nicht auch dass wie was wer wo wann warum wieso welche welcher welches welchen wieviel von vom zu
zum zur mit auf im bei nach aus am als ich wir sie ihr es er sich man fur uns unser unsere
"""
_ENGLISH = """
the of and to in is are was were be been its this that these those with for from at by has have
had did does do what who whom whose when where why which how much many will would there they we he
she you
"""
_ROMANCE = """
el los las del lo gli il di che chi quanto quanta quanti quante quando dove perche per della dello
delle degli dei nel nella nei con una uno cual cuales cuando cuanto cuanta cuantos cuantas quien
quienes donde por para fue hay ao aos da das em na nas um uma nao foi sao quem qual quais onde
pelo pela com
"""

FUNCTION_WORDS = frozenset(
    " ".join((_FRENCH, _MODAL, _PHRASES, _INCLUSIVE, _TITLES, _GERMAN, _ENGLISH, _ROMANCE)).split()
)
