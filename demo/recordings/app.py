"""The app of the recordings in packages/cli/README.md, on real Gradio, before and after a change: python app.py PORT_BEFORE PORT_AFTER

Before the change, /translate takes no language, and /write does not exist. It prints `ready` when both accept requests, and ends when
its standard input ends.
"""

import os
import sys
import threading
import time

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
for name in ("NO_PROXY", "no_proxy"):
    os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1,localhost"]))
real_stdout, sys.stdout = sys.stdout, sys.stderr


def watch():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()

import gradio as gr  # noqa: E402

WORDS = {
    "German": {"Good morning": "Guten Morgen", "Good night": "Gute Nacht", "Hello!!": "Hallo!!"},
    "French": {"Good morning": "Bonjour", "Good night": "Bonne nuit", "Hello!!": "Salut !!"},
}
STORY = "Ada wrote the first program,\nfor a machine that was never built.\nIt counted, all the same."


def translate(text, language="German"):
    """Translates a text."""
    if text not in WORDS[language]:
        raise gr.Error(f"No translation of “{text}”.", print_exception=False)
    return WORDS[language][text]


def measure(document):
    """Counts the words of a document, and summarizes it."""
    with open(document, encoding="utf-8") as file:
        words = file.read().split()
    summary = os.path.join(os.path.dirname(document), "summary.txt")
    with open(summary, "w", encoding="utf-8") as file:
        file.write(f"{words[0]} … {words[-1]}\n")
    return len(words), summary


def write(about, progress=gr.Progress()):
    """Writes a text, piece by piece."""
    for step in range(11):
        progress((step, 10), desc="Loading the model", unit="files")
        time.sleep(0.15)
    gr.Info("The model is loaded.")
    for end in range(4, len(STORY) + 4, 4):
        yield STORY[:end].replace("Ada", about)
        time.sleep(0.09)


def build(before):
    text = gr.Textbox(label="Text")
    language = gr.Dropdown(list(WORDS), value="German", label="Language", info="Language to translate into.")
    with gr.Blocks(title="Words", analytics_enabled=False) as app:
        translation = gr.Textbox(label="Translation", render=False)
        gr.Interface(translate, [text] if before else [text, language], translation, api_name="translate")
        summary = [gr.Number(label="Words", precision=0), gr.File(label="Summary")]
        gr.Interface(measure, gr.File(label="Document"), summary, api_name="measure")
        if not before:
            gr.Interface(write, gr.Textbox(label="About"), gr.Textbox(label="Story"), api_name="write")
    return app


for port, before in zip(sys.argv[1:], [True, False]):
    build(before).launch(
        server_name="127.0.0.1", server_port=int(port), prevent_thread_lock=True, quiet=True, ssr_mode=False, show_error=False
    )
print("ready", file=real_stdout, flush=True)
threading.Event().wait()
