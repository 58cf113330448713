"""What the diagrams say, in each language that shows them."""

from dataclasses import dataclass

Lines = tuple[str, ...]


@dataclass(frozen=True)
class FlowWords:
    """The way of a question to the model, and of the words back. `readers` are three, with what each does."""

    model: str
    producer: str
    written: Lines
    read: str
    stored: str
    each: Lines
    readers: tuple[Lines, Lines, Lines]
    question: str


@dataclass(frozen=True)
class CursorWords:
    """A log of seven words, whom it is written by, and what three readers do, each at a cursor."""

    log: Lines
    worker: Lines
    readers: tuple[str, str, str]
    cursor: str


@dataclass(frozen=True)
class PieceWords:
    """An event that comes in pieces."""

    sent: str
    came: str
    lesson: Lines


@dataclass(frozen=True)
class SettledWords:
    """A growing text of seven words, three of which are settled."""

    text: Lines
    shown: str
    waits: str
    rule: str


FLOW = {
    "en": FlowWords(
        model="Gemini, the model",
        producer="one producer",
        written=("the answer, written down", "Sunlight is a mix of colours …"),
        read="words, read once",
        stored="stored, then shown",
        each=("each from where it is",),
        readers=(
            ("a phone", "streams"),
            ("an old Kindle", "asks twice a second"),
            ("w3m", "reloads"),
        ),
        question="question",
    ),
    "ru": FlowWords(
        model="модель Gemini",
        producer="один процесс",
        written=("записанный ответ", "Солнечный свет — смесь цветов …"),
        read="слова, прочитаны один раз",
        stored="записаны, потом показаны",
        each=("каждый со своего", "места"),
        readers=(
            ("телефон:", "поток"),
            ("старый Kindle:", "два раза в секунду"),
            ("w3m:", "перезагрузка"),
        ),
        question="вопрос",
    ),
    "de": FlowWords(
        model="Gemini, das Modell",
        producer="ein einziger Prozess",
        written=("die Antwort, gespeichert", "Sonnenlicht ist ein Gemisch …"),
        read="Wörter, einmal gelesen",
        stored="gespeichert, dann gezeigt",
        each=("jeder von seiner", "Stelle an"),
        readers=(
            ("ein Telefon:", "Strom"),
            ("ein alter Kindle:", "fragt zweimal je Sekunde"),
            ("w3m:", "lädt neu"),
        ),
        question="Frage",
    ),
    "es": FlowWords(
        model="Gemini, el modelo",
        producer="un solo proceso",
        written=("la respuesta, guardada", "La luz del sol es una mezcla …"),
        read="palabras, leídas una vez",
        stored="guardadas y luego mostradas",
        each=("cada uno desde", "donde está"),
        readers=(
            ("un teléfono:", "flujo"),
            ("un Kindle viejo:", "pregunta 2 veces/s"),
            ("w3m:", "se recarga"),
        ),
        question="pregunta",
    ),
    "fr": FlowWords(
        model="Gemini, le modèle",
        producer="un seul processus",
        written=("la réponse, enregistrée", "La lumière du soleil est un mélange …"),
        read="des mots, lus une seule fois",
        stored="enregistrés, puis montrés",
        each=("chacun d’où", "il en est"),
        readers=(
            ("un téléphone", "suit le flux"),
            ("un vieux Kindle", "demande 2 fois/s"),
            ("w3m", "recharge"),
        ),
        question="question",
    ),
    "it": FlowWords(
        model="Gemini, il modello",
        producer="un solo processo",
        written=("la risposta, salvata", "La luce del sole è un miscuglio …"),
        read="parole, lette una volta sola",
        stored="salvate, poi mostrate",
        each=("ciascuno dal", "suo punto"),
        readers=(
            ("un telefono:", "flusso"),
            ("un vecchio Kindle:", "chiede 2 volte/s"),
            ("w3m:", "si ricarica"),
        ),
        question="domanda",
    ),
    "nl": FlowWords(
        model="Gemini, het model",
        producer="één proces",
        written=("het antwoord, opgeschreven", "Zonlicht is een mengsel van kleuren …"),
        read="woorden, één keer gelezen",
        stored="bewaard, dan getoond",
        each=("ieder vanaf zijn", "eigen plek"),
        readers=(
            ("een telefoon:", "stroom"),
            ("een oude Kindle:", "vraagt 2 keer per s"),
            ("w3m:", "laadt opnieuw"),
        ),
        question="vraag",
    ),
    "pt-BR": FlowWords(
        model="Gemini, o modelo",
        producer="um único processo",
        written=("a resposta, anotada", "A luz do sol é uma mistura de cores …"),
        read="palavras, lidas uma vez",
        stored="guardadas, depois mostradas",
        each=("cada um de", "onde está"),
        readers=(
            ("um celular:", "fluxo"),
            ("um Kindle antigo:", "pergunta 2 vezes/s"),
            ("w3m:", "recarrega"),
        ),
        question="pergunta",
    ),
    "ar": FlowWords(
        model="النموذج Gemini",
        producer="عملية واحدة",
        written=("الإجابة مدوَّنة", "ضوء الشمس مزيج من الألوان …"),
        read="كلمات تُقرأ مرة واحدة",
        stored="تُخزَّن ثم تُعرض",
        each=("كلٌّ من حيث وصل",),
        readers=(
            ("هاتف", "يتلقى أولًا بأول"),
            ("جهاز Kindle قديم", "يسأل مرتين في الثانية"),
            ("متصفح w3m", "يعيد التحميل"),
        ),
        question="السؤال",
    ),
    "hi": FlowWords(
        model="जेमिनी मॉडल",
        producer="एक ही प्रक्रिया",
        written=("लिखा हुआ जवाब", "सूरज की रोशनी रंगों का मेल है …"),
        read="शब्द, एक ही बार पढ़े गए",
        stored="पहले सहेजे, फिर दिखाए",
        each=("हर कोई अपनी", "जगह से"),
        readers=(
            ("फ़ोन:", "लगातार"),
            ("पुराना किंडल:", "सेकंड में दो बार पूछता है"),
            ("टेक्स्ट ब्राउज़र:", "फिर से लोड"),
        ),
        question="सवाल",
    ),
    "zh-Hans": FlowWords(
        model="模型 Gemini",
        producer="一个进程",
        written=("记录下来的回答", "阳光由多种颜色混合而成……"),
        read="文字，只读一次",
        stored="先存下，再显示",
        each=("各自从自己的", "位置读起"),
        readers=(("手机", "持续接收"), ("旧 Kindle", "每秒询问两次"), ("w3m", "重新加载")),
        question="问题",
    ),
}

CURSORS = {
    "en": CursorWords(
        log=("Sunlight", "is", "a mix", "of", "colours.", "Air", "…"),
        worker=("the worker", "appends here"),
        readers=("asleep since", "poll", "stream"),
        cursor="cursor",
    ),
    "ru": CursorWords(
        log=("Солнечный", "свет —", "смесь", "всех", "цветов.", "Воздух", "…"),
        worker=("работник", "дописывает здесь"),
        readers=("спит", "опрос", "поток"),
        cursor="курсор",
    ),
    "de": CursorWords(
        log=("Sonnenlicht", "ist", "ein Gemisch", "aus", "Farben.", "Luft", "…"),
        worker=("der Arbeiter", "hängt hier an"),
        readers=("schläft", "fragt nach", "Strom"),
        cursor="Cursor",
    ),
    "es": CursorWords(
        log=("La luz", "es", "una mezcla", "de", "colores.", "El aire", "…"),
        worker=("el proceso", "añade aquí"),
        readers=("dormido", "pregunta", "flujo"),
        cursor="cursor",
    ),
    "fr": CursorWords(
        log=("La lumière", "est", "un mélange", "de", "couleurs.", "L’air", "…"),
        worker=("le travailleur", "ajoute ici"),
        readers=("endormi", "interroge", "flux"),
        cursor="curseur",
    ),
    "it": CursorWords(
        log=("La luce", "è", "un miscuglio", "di", "colori.", "L’aria", "…"),
        worker=("il lavoratore", "aggiunge qui"),
        readers=("dorme", "interroga", "flusso"),
        cursor="cursore",
    ),
    "nl": CursorWords(
        log=("Zonlicht", "is", "een mengsel", "van", "kleuren.", "Lucht", "…"),
        worker=("de werker", "voegt hier toe"),
        readers=("slaapt", "vraagt", "stroom"),
        cursor="cursor",
    ),
}

PIECES = {
    "en": PieceWords(
        "What was sent:",
        "What came:",
        ("A letter of two bytes came in two, and so did the event's end.",),
    ),
    "ru": PieceWords(
        "Послано:",
        "Пришло:",
        ("Буква из двух байтов пришла в двух кусках,", "и конец события тоже."),
    ),
    "de": PieceWords(
        "Gesendet:",
        "Angekommen:",
        ("Ein Buchstabe aus zwei Bytes kam in zwei Stücken,", "das Ende des Ereignisses auch."),
    ),
    "es": PieceWords(
        "Lo enviado:",
        "Lo que llegó:",
        ("Una letra de dos bytes llegó en dos trozos,", "y el final del evento también."),
    ),
    "fr": PieceWords(
        "Envoyé\xa0:",
        "Arrivé\xa0:",
        ("Une lettre de deux octets est arrivée en deux,", "la fin de l’événement aussi."),
    ),
    "it": PieceWords(
        "Mandato:",
        "Arrivato:",
        ("Una lettera di due byte è arrivata in due pezzi,", "e così la fine dell’evento."),
    ),
    "nl": PieceWords(
        "Gestuurd:",
        "Aangekomen:",
        ("Een letter van twee bytes kwam in tweeën,", "en het einde van de gebeurtenis ook."),
    ),
}

SETTLED = {
    "en": SettledWords(
        text=("The", "result", "is", "**not", "5,", "but", "…"),
        shown="settled: shown",
        waits="open: waits",
        rule="nothing before this can change",
    ),
    "ru": SettledWords(
        text=("Ответ", "здесь", "будет", "**не", "5,", "а", "…"),
        shown="устоялось: показано",
        waits="открыто: ждёт",
        rule="до этого места уже ничего не изменится",
    ),
    "de": SettledWords(
        text=("Das", "Ergebnis", "ist", "**nicht", "5,", "sondern", "…"),
        shown="gefestigt: gezeigt",
        waits="offen: wartet",
        rule="davor kann sich nichts mehr ändern",
    ),
    "es": SettledWords(
        text=("Creo", "que", "el resultado", "**no", "es", "5,", "…"),
        shown="asentado: se muestra",
        waits="abierto: espera",
        rule="nada de lo anterior puede cambiar",
    ),
    "fr": SettledWords(
        text=("Le", "résultat", "n’est", "**pas", "5,", "mais", "…"),
        shown="acquis\xa0: montré",
        waits="ouvert\xa0: attend",
        rule="rien de ce qui précède ne peut changer",
    ),
    "it": SettledWords(
        text=("Credo", "che", "il risultato", "**non", "sia", "5,", "…"),
        shown="assestato: si mostra",
        waits="aperto: aspetta",
        rule="niente di ciò che precede può cambiare",
    ),
    "nl": SettledWords(
        text=("Het", "resultaat", "is", "**niet", "5,", "maar", "…"),
        shown="vast: getoond",
        waits="open: wacht",
        rule="niets hiervoor kan nog veranderen",
    ),
}
