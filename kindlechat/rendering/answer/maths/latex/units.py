r"""Numbers and units as siunitx writes them, `\qty{9.8}{\metre\per\second\squared}`, rewritten as LaTeX."""

import re

PREFIXES = {
    "quecto": "q", "ronto": "r", "yocto": "y", "zepto": "z", "atto": "a", "femto": "f", "pico": "p",
    "nano": "n", "micro": "µ", "milli": "m", "centi": "c", "deci": "d", "deca": "da", "deka": "da",
    "hecto": "h", "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "peta": "P", "exa": "E",
    "zetta": "Z", "yotta": "Y", "ronna": "R", "quetta": "Q", "kibi": "Ki", "mebi": "Mi", "gibi": "Gi",
    "tebi": "Ti",
}  # fmt: skip
UNITS = {
    "metre": "m", "meter": "m", "gram": "g", "kilogram": "kg", "second": "s", "ampere": "A",
    "kelvin": "K", "mole": "mol", "candela": "cd", "becquerel": "Bq", "celsius": "°C",
    "degreeCelsius": "°C", "coulomb": "C", "farad": "F", "gray": "Gy", "hertz": "Hz", "henry": "H",
    "joule": "J", "katal": "kat", "lumen": "lm", "lux": "lx", "newton": "N", "ohm": "Ω",
    "pascal": "Pa", "radian": "rad", "siemens": "S", "sievert": "Sv", "steradian": "sr",
    "tesla": "T", "volt": "V", "watt": "W", "weber": "Wb", "astronomicalunit": "au", "bel": "B",
    "dalton": "Da", "day": "d", "decibel": "dB", "degree": "°", "electronvolt": "eV",
    "hectare": "ha", "hour": "h", "litre": "L", "liter": "L", "arcminute": "′", "arcsecond": "″",
    "minute": "min", "neper": "Np", "tonne": "t", "percent": "%", "byte": "B", "bit": "bit",
    "atm": "atm", "atmosphere": "atm", "bar": "bar", "calorie": "cal", "angstrom": "Å",
    "kWh": "kWh", "mmHg": "mmHg", "molar": "M", "parsec": "pc", "lightyear": "ly", "inch": "in",
    "foot": "ft", "mile": "mi", "pound": "lb", "knot": "kn", "gauss": "G", "year": "a",
    "revolution": "rev", "rpm": "rpm", "clight": "c", "electronmass": "mₑ", "planckbar": "ħ",
    "elementarycharge": "e", "permille": "‰",
}  # fmt: skip
SHORT = dict(
    pair.split("=") for pair in (
        "fm=fm pm=pm nm=nm um=µm mm=mm cm=cm dm=dm m=m km=km as=as fs=fs ps=ps ns=ns us=µs ms=ms s=s"
        " fg=fg pg=pg ng=ng ug=µg mg=mg g=g kg=kg pA=pA nA=nA uA=µA mA=mA A=A kA=kA mol=mol"
        " mmol=mmol kmol=kmol umol=µmol nV=nV uV=µV mV=mV V=V kV=kV uW=µW mW=mW W=W kW=kW MW=MW"
        " GW=GW J=J kJ=kJ uJ=µJ mJ=mJ eV=eV meV=meV keV=keV MeV=MeV GeV=GeV TeV=TeV F=F pF=pF fF=fF"
        " uF=µF mF=mF nF=nF H=H mH=mH uH=µH C=C uC=µC mC=mC nC=nC T=T mT=mT uT=µT K=K dB=dB l=l"
        " L=L ml=ml mL=mL ul=µl uL=µL hl=hl Hz=Hz mHz=mHz kHz=kHz MHz=MHz GHz=GHz THz=THz mN=mN N=N"
        " kN=kN MN=MN Pa=Pa kPa=kPa MPa=MPa GPa=GPa mohm=mΩ kohm=kΩ Mohm=MΩ"
    ).split()
)  # fmt: skip
PLAIN_UNITS = frozenset(
    (
        *("mm", "cm", "dm", "km", "mg", "kg", "ms", "min", "Hz", "kHz", "MHz", "GHz", "kN", "Pa"),
        *("kPa", "MPa", "kJ", "MJ", "kW", "MW", "kWh", "mV", "kV", "mA", "mol", "cd", "ml", "mL"),
        *("nm", "eV", "keV", "MeV", "GeV", "dB", "rad", "bar", "atm", "kHz", "cal", "kcal"),
        *("km/h", "ft", "lb", "mph"),
    )
)
"""Units as they are printed, of two letters or more."""

POWERS = {"squared": "2", "cubed": "3", "square": "2", "cubic": "3"}

NUMBER = re.compile(r"([+\-−]?[\d.,\s]*)(?:[eEdD]([+\-−]?\d+))?")
MACRO = re.compile(r"\\([A-Za-z]+)\s*(?:\{([^{}]*)\})?|[^\\\s]+")

PRINTED = re.compile(
    r"\^\s*(?:\{(?P<group>[^{}]*)\}|(?P<digits>[+\-−]?\d+))|(?P<text>\\(?:text|mathrm|textrm)\{[^{}]*\})"
    r"|(?P<macro>\\[A-Za-z]+)|(?P<dot>[.·*~]|\\[,.]|\s+(?=\S))|(?P<word>[^\W\d_]+|[°%µ′″])|(?P<other>.)",
    re.DOTALL,
)
DOT = r"\mathord{·}"


def read_number(text: str) -> str:
    """A number, with a power of ten for an exponent."""
    parts = re.split(r"\s*(\+-|\\pm|±|x|\\times)\s*", text.strip())
    signs = {"+-": r"\pm ", "\\pm": r"\pm ", "±": r"\pm ", "x": r"\times ", "\\times": r"\times "}
    return "".join(signs.get(part) or _plain_number(part) for part in parts)


def _plain_number(text: str) -> str:
    match = NUMBER.fullmatch(text)
    if match is None or not text.strip():
        return text
    mantissa, exponent = re.sub(r"\s", "", match[1]), match[2]
    mantissa = mantissa.replace(",", "{,}")
    if exponent is None:
        return mantissa
    power = f"10^{{{exponent.lstrip('+')}}}"
    return power if mantissa in ("", "+") else rf"{mantissa}\times {power}"


def read_unit(text: str) -> str:
    """A unit: of macros, with powers and divisions, or as it is printed."""
    if set(re.findall(r"\\([A-Za-z]+)", text)) - {
        "text",
        "mathrm",
        "textrm",
        "cdot",
        "times",
        "frac",
    }:
        return _of_macros(text)
    return "".join(_printed(match) for match in PRINTED.finditer(text.strip()))


def read_quantity(number: str, unit: str) -> str:
    """A number with its unit; a degree of an angle or of arc stands close to it."""
    written = read_unit(unit)
    blank = "" if written in (r"\text{°}", r"\text{′}", r"\text{″}") else r"\,"
    return read_number(number) + (blank if number.strip() else "") + written


def _of_macros(text: str) -> str:
    """The units above the division, and those below it."""
    parts: dict[bool, list[str]] = {False: [], True: []}
    prefix, power, below = "", "", False
    last = parts[False]
    for match in MACRO.finditer(text):
        name, value = match[1], match[2]
        if name == "per":
            below = True
        elif name in ("square", "cubic"):
            power = POWERS[name]
        elif name in POWERS or name in ("tothe", "raiseto"):
            if last:
                last[-1] += f"^{{{POWERS.get(name) or value}}}"
        elif name in PREFIXES:
            prefix += PREFIXES[name]
        elif name == "of":
            last[-1:] = [f"{each}_{{\\text{{{value}}}}}" for each in last[-1:]]
        else:
            symbol = UNITS.get(name) or SHORT.get(name) or value or name or match[0]
            last = parts[below]
            last.append(rf"\text{{{prefix}{symbol}}}" + (f"^{{{power}}}" if power else ""))
            prefix, power, below = "", "", False
    above, under = DOT.join(parts[False]) or "1", DOT.join(parts[True])
    if not under:
        return above
    return f"{above}/({under})" if len(parts[True]) > 1 else f"{above}/{under}"


def _printed(match: re.Match[str]) -> str:
    if match["word"]:
        return rf"\text{{{match[0]}}}"
    if match["dot"]:
        return DOT
    if match["macro"]:
        return match[0] + " "
    power = match["group"] or match["digits"]
    return f"^{{{power}}}" if power else match[0]
