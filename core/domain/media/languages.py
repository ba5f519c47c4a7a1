"""Language codes as containers write them (ISO 639-2) to the tags players expect (BCP 47), with English names.

Source: ISO 639-2 code list, all languages that have a two-letter code. BCP 47 (RFC 5646, section 2.2.1) asks for the
shortest code, so "ger" and "deu" both become "de"; codes without a two-letter form stay as they are.
"""

from __future__ import annotations

import re

UNDETERMINED = "und"
#: RFC 5646, section 4.4.1: room for every tag in practice.
MAX_TAG = 35

#: Two-letter code, three-letter codes (terminology/bibliographic), English name.
_TABLE = """
aa aar Afar
ab abk Abkhazian
ae ave Avestan
af afr Afrikaans
ak aka Akan
am amh Amharic
an arg Aragonese
ar ara Arabic
as asm Assamese
av ava Avaric
ay aym Aymara
az aze Azerbaijani
ba bak Bashkir
be bel Belarusian
bg bul Bulgarian
bh bih Bihari languages
bi bis Bislama
bm bam Bambara
bn ben Bangla
bo bod/tib Tibetan
br bre Breton
bs bos Bosnian
ca cat Catalan
ce che Chechen
ch cha Chamorro
co cos Corsican
cr cre Cree
cs ces/cze Czech
cu chu Church Slavic
cv chv Chuvash
cy cym/wel Welsh
da dan Danish
de deu/ger German
dv div Divehi
dz dzo Dzongkha
ee ewe Ewe
el ell/gre Greek
en eng English
eo epo Esperanto
es spa Spanish
et est Estonian
eu eus/baq Basque
fa fas/per Persian
ff ful Fulah
fi fin Finnish
fj fij Fijian
fo fao Faroese
fr fra/fre French
fy fry Western Frisian
ga gle Irish
gd gla Gaelic
gl glg Galician
gn grn Guarani
gu guj Gujarati
gv glv Manx
ha hau Hausa
he heb Hebrew
hi hin Hindi
ho hmo Hiri Motu
hr hrv Croatian
ht hat Haitian
hu hun Hungarian
hy hye/arm Armenian
hz her Herero
ia ina Interlingua
id ind Indonesian
ie ile Interlingue
ig ibo Igbo
ii iii Sichuan Yi
ik ipk Inupiaq
io ido Ido
is isl/ice Icelandic
it ita Italian
iu iku Inuktitut
ja jpn Japanese
jv jav Javanese
ka kat/geo Georgian
kg kon Kongo
ki kik Kikuyu
kj kua Kuanyama
kk kaz Kazakh
kl kal Kalaallisut
km khm Central Khmer
kn kan Kannada
ko kor Korean
kr kau Kanuri
ks kas Kashmiri
ku kur Kurdish
kv kom Komi
kw cor Cornish
ky kir Kirghiz
la lat Latin
lb ltz Luxembourgish
lg lug Ganda
li lim Limburgan
ln lin Lingala
lo lao Lao
lt lit Lithuanian
lu lub Luba-Katanga
lv lav Latvian
mg mlg Malagasy
mh mah Marshallese
mi mri/mao Maori
mk mkd/mac Macedonian
ml mal Malayalam
mn mon Mongolian
mr mar Marathi
ms msa/may Malay
mt mlt Maltese
my mya/bur Burmese
na nau Nauru
nb nob Norwegian Bokmål
nd nde Ndebele
ne nep Nepali
ng ndo Ndonga
nl nld/dut Dutch
nn nno Norwegian Nynorsk
no nor Norwegian
nr nbl Ndebele
nv nav Navajo
ny nya Chichewa
oc oci Occitan (post 1500)
oj oji Ojibwa
om orm Oromo
or ori Oriya
os oss Ossetian
pa pan Panjabi
pi pli Pali
pl pol Polish
ps pus Pushto
pt por Portuguese
qu que Quechua
rm roh Romansh
rn run Rundi
ro ron/rum Romanian
ru rus Russian
rw kin Kinyarwanda
sa san Sanskrit
sc srd Sardinian
sd snd Sindhi
se sme Northern Sami
sg sag Sango
si sin Sinhala
sk slk/slo Slovak
sl slv Slovenian
sm smo Samoan
sn sna Shona
so som Somali
sq sqi/alb Albanian
sr srp Serbian
ss ssw Swati
st sot Sotho
su sun Sundanese
sv swe Swedish
sw swa Swahili
ta tam Tamil
te tel Telugu
tg tgk Tajik
th tha Thai
ti tir Tigrinya
tk tuk Turkmen
tl tgl Tagalog
tn tsn Tswana
to ton Tonga (Tonga Islands)
tr tur Turkish
ts tso Tsonga
tt tat Tatar
tw twi Twi
ty tah Tahitian
ug uig Uighur
uk ukr Ukrainian
ur urd Urdu
uz uzb Uzbek
ve ven Venda
vi vie Vietnamese
vo vol Volapük
wa wln Walloon
wo wol Wolof
xh xho Xhosa
yi yid Yiddish
yo yor Yoruba
za zha Zhuang
zh zho/chi Chinese
zu zul Zulu
"""

_WELL_FORMED = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
#: ISO 639-2 codes that name no language: several languages, none, not coded, and the range for private use.
_NO_LANGUAGE = re.compile(r"^(und|mis|mul|zxx|q[a-t][a-z])$")


def _parse() -> tuple[dict[str, str], dict[str, str]]:
    shortest: dict[str, str] = {}
    names: dict[str, str] = {}
    for line in _TABLE.strip().splitlines():
        code, threes, name = line.split(" ", 2)
        names[code] = name
        shortest.update(dict.fromkeys(threes.split("/"), code))
    return shortest, names


_SHORTEST, _NAMES = _parse()


def language_tag(declared: str | None) -> str:
    """BCP 47 tag for what a file declares ("ger", "pt-BR", "EN"); "und" when it says nothing usable."""
    if not declared:
        return UNDETERMINED
    primary, _, rest = declared.strip().replace("_", "-").partition("-")
    primary = _SHORTEST.get(primary.lower(), primary.lower())
    if _NO_LANGUAGE.match(primary):
        return UNDETERMINED
    tag = f"{primary}-{rest}" if rest else primary
    return tag if len(tag) <= MAX_TAG and _WELL_FORMED.match(tag) else UNDETERMINED


def language_name(tag: str) -> str | None:
    """English name of a tag's language, None when it is undetermined or not in the table."""
    return _NAMES.get(tag.partition("-")[0])
