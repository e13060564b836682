import * as gr from "@gradio-rx/testing";

// The components that many of the twin's endpoints have.
export const output = [gr.textbox("output")];
export const textInput = (label = "text", value?: string) => gr.textbox(label, value === undefined ? {} : { value });
export const numberInput = (label = "number", value?: number) => gr.number(label, value === undefined ? {} : { value });
