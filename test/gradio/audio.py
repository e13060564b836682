"""An app as its author writes it: one function with an audio input, at /predict."""

import wave

import gradio as gr
from app import launch


def predict(audio):
    """Returns the duration of the sound."""
    with wave.open(audio, "rb") as sound:
        return f"{sound.getnframes() / sound.getframerate():.3f} s"


if __name__ == "__main__":
    launch(gr.Interface(predict, gr.Audio(type="filepath"), gr.Textbox()))
