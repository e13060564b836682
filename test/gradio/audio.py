"""An app as its author writes it: one function of a sound, at /predict."""

import wave

import gradio as gr
from app import launch


def predict(audio):
    """How long the sound is."""
    with wave.open(audio, "rb") as sound:
        return f"{sound.getnframes() / sound.getframerate():.3f} s"


if __name__ == "__main__":
    launch(gr.Interface(predict, gr.Audio(type="filepath"), gr.Textbox()))
