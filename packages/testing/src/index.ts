export { createApp } from "./app.ts";
export type { App, MemoryApp } from "./app.ts";
export { serveApp } from "./serve.ts";
export type { ServedApp, ServeOptions } from "./serve.ts";
export { faultProxy } from "./proxy/proxy.ts";
export type { FaultProxy, PassedRequest } from "./proxy/proxy.ts";
export type {
  BodyFault,
  Break,
  EventEdit,
  EventFault,
  EventPoint,
  Fault,
  HeadFault,
  MadeAnswer,
  Point,
  Rule,
} from "./proxy/fault.ts";
export type { AppOptions } from "./options.ts";
export type { SeenRequest } from "./http/router.ts";
export { endpoint } from "./endpoint/endpoint.ts";
export type { Endpoint, EndpointFunction, EndpointOptions, EndpointValue, Validity } from "./endpoint/endpoint.ts";
export { component } from "./endpoint/component.ts";
export type { Component, ComponentKind, ComponentOptions } from "./endpoint/component.ts";
export {
  anything,
  audio,
  chatbot,
  checkbox,
  dataframe,
  dropdown,
  file,
  gallery,
  image,
  json,
  number,
  slider,
  state,
  textbox,
} from "./endpoint/components.ts";
export type { Schema } from "./endpoint/schemas.ts";
export type { CallContext, CallRequest, Log, LogOptions, Progress, ProgressOptions } from "./endpoint/context.ts";
export { AppFailure } from "./endpoint/failure.ts";
export type { FailureOptions } from "./endpoint/failure.ts";
export { skip, update } from "./endpoint/update.ts";
export type { ComponentUpdate } from "./endpoint/update.ts";
