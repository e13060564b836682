import * as gr from "@gradio-rx/testing";

// Components that many endpoints of the embedded app have.
export const output = [gr.textbox("output")];
export const textInput = (label = "text", value?: string) => gr.textbox(label, value === undefined ? {} : { value });
export const numberInput = (label = "number", value?: number) => gr.number(label, value === undefined ? {} : { value });
