#!/usr/bin/env python3
"""
Golden numbers for text: BLEU by sacreBLEU, byte-pair vocabularies by Hugging Face's tokenizers, as JSON beside this file. Not part of CI: the
JSON is kept.

    pip install sacrebleu==2.6.0 tokenizers==0.23.2
    python3 test/golden/text.py

The same versions give the same files.
"""

import json
import os
import random

import sacrebleu
import tokenizers
from sacrebleu.metrics import BLEU
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
from tokenizers import decoders, models, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))

WORDS = """the a cat dog sat on mat ran, fast. It's 3.14 1,000 U.S. 10-15 co-op 5- (yes) "quoted" &amp; &lt;b&gt; &quot; rock&roll Grüße,
naïve. 12,5 .5 5. a.b x,y -- % $5.00 e.g., and/or [sic] {x} semi; colon: what?! ...""".split()

SENTENCES = [
    "Hello, world! It's 3.14 (about pi): 1,000.50 dollars.",
    "A hyphen-ated word, 10-15 times; 5- and -5.",
    "&quot;Quoted&quot; &amp;lt;b&gt; R&D &unknown;",
    "a<skipped>b line-\nbreak and\nanother",
    "Ends with a hyphen-\n",
    "U.S.A. ... 1.2.3 ,5 5, .,. ;.",
    "Grüße aus Köln, Straße 5.",
    "日本語、テスト。1.5",
    "tabs\tand\u00a0no-break\u2003spaces \u200bzero",
    "[\\]^_`{|}~!\"#$%&()*+:;<=>?@/ 'apostrophe'",
    "",
    "   ",
    "emoji 😀,😀.5 5,😀",
    "\u0085next\u001cline \ufeffmark",
]

LANGUAGES = [
    "The quick brown fox jumps over the lazy dog. The dog doesn't mind; it's lazy.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Größe, Süße, Äpfel.",
    "Portez ce vieux whisky au juge blond qui fume. L'été, à l'école, ça va.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "いろはにほへと ちりぬるを わかよたれそ つねならむ",
    "다람쥐 헌 쳇바퀴에 타고파. 다람쥐가 간다.",
    "مرحبا بالعالم، كيف حالك؟",
    "😀 emoji 👩‍👩‍👧 and 🇩🇪 flags 😀😀",
    "  leading, trailing and   several spaces  ",
    "line one\nline two\r\n\ttabbed\n\n\nend",
    "numbers 1 12 123 1234 12345 and 3.14159, 50%",
    "aaaaaaa aaaa aaa aa a abababab ababab banana bananas",
    "I'll we've they're don't it's I'd I'm 'quoted' O'Neill's",
    "",
]


def write(name, entries):
    lines = ",\n".join(json.dumps(entry, ensure_ascii=True, separators=(",", ":")) for entry in entries)
    with open(os.path.join(HERE, f"{name}.json"), "w", encoding="utf-8") as file:
        file.write(f"[\n{lines}\n]\n")
    print(f"{name}.json: {len(entries)} cases")


def noisy(rng, words):
    """A translation that is partly right: words lost, swapped and replaced."""
    words = [w for w in words if rng.random() > 0.1]
    for i in range(len(words)):
        if rng.random() < 0.15:
            words[i] = rng.choice(WORDS)
    if len(words) > 3 and rng.random() < 0.3:
        words[1], words[2] = words[2], words[1]
    return " ".join(words)


def corpus(rng, sentences, references):
    clean = [[rng.choice(WORDS) for _ in range(rng.randint(1, 14))] for _ in range(sentences)]
    # Every reference but the first is a paraphrase.
    refs = [[" ".join(words)] + [noisy(rng, words) or "x" for _ in range(references - 1)] for words in clean]
    return [noisy(rng, words) for words in clean], refs


def score(hypotheses, references, note, **options):
    """One corpus: options as TypeScript takes them."""
    metric = BLEU(
        lowercase=options.get("lowercase", False),
        tokenize=options.get("tokens", "13a"),
        smooth_method=options.get("smoothing", "exp"),
        smooth_value=options.get("value"),
        effective_order=options.get("effectiveOrder", False),
    )
    most = max(len(refs) for refs in references)
    streams = [[refs[i] if i < len(refs) else None for refs in references] for i in range(most)]
    result = metric.corpus_score(hypotheses, streams)
    signature = metric.get_signature().format().split("|version")[0]
    return {
        "note": note,
        "hypotheses": hypotheses,
        "references": references,
        "options": options,
        "score": result.score,
        "precisions": result.precisions,
        "brevityPenalty": result.bp,
        "length": result.sys_len,
        "referenceLength": result.ref_len,
        "signature": signature,
    }


def bleu():
    rng = random.Random(13)
    for i, text in enumerate(SENTENCES):
        yield {"note": f"tokens {i}", "text": text, "tokens": Tokenizer13a()(text.rstrip()).split()}
    settings = [
        {},
        {"smoothing": "none"},
        {"smoothing": "floor"},
        {"smoothing": "floor", "value": 0.25},
        {"smoothing": "add-k"},
        {"smoothing": "add-k", "value": 0.5},
        {"effectiveOrder": True},
        {"effectiveOrder": True, "smoothing": "add-k"},
        {"lowercase": True},
        {"tokens": "none"},
    ]
    for i, options in enumerate(settings):
        for sentences, references in ((1, 1), (4, 1), (6, 3)):
            yield score(*corpus(rng, sentences, references), f"{i}: {sentences} x {references}", **options)
    hypotheses, references = corpus(rng, 4, 2)
    references[1] = references[1][:1]
    yield score(hypotheses, references, "as many references as there are")
    yield score(["nothing of it"], [["something else here"]], "nothing right")
    yield score(["", ""], [["a b"], ["c"]], "nothing said")
    yield score(["a b c"], [["a b c"]], "too short for four")
    yield score(["a b c"], [["a b c"]], "too short for four, effective", effectiveOrder=True)
    yield score(["a b c"], [["a b c"]], "too short for four, added to", effectiveOrder=True, smoothing="add-k")
    yield score(["a b c d e"], [["a b c d", "a b c d e f"]], "two references equally near")


def byte_pairs():
    for size, least in ((260, 1), (300, 1), (400, 2), (1000, 2)):
        tokenizer = tokenizers.Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size,
            min_frequency=least,
            show_progress=False,
            special_tokens=["<pad>", "<s>", "</s>", "<unk>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
        tokenizer.train_from_iterator(LANGUAGES, trainer)
        model = json.loads(tokenizer.to_str())["model"]
        merges = [" ".join(merge) if isinstance(merge, list) else merge for merge in model["merges"]]
        ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in LANGUAGES]
        yield {
            "size": size,
            "leastCount": least,
            "texts": LANGUAGES,
            "tokens": sorted(model["vocab"], key=model["vocab"].get)[260:],
            "merges": merges,
            "ids": ids,
        }


print(f"sacreBLEU {sacrebleu.__version__}, tokenizers {tokenizers.__version__}")
write("bleu", list(bleu()))
write("bytePair", list(byte_pairs()))
