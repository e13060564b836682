import type * as rival from "@gradio/client";
import type * as compat from "@gradio-rx/compat";

type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Types that must be equal, by name. `keyof` compares the fields of types with values of `any`. */
export const equal: {
  t0: Equal<keyof compat.Status, keyof rival.Status>;
  t1: Equal<keyof compat.StatusMessage, keyof rival.StatusMessage>;
  t2: Equal<keyof compat.LogMessage, keyof rival.LogMessage>;
  t3: Equal<keyof compat.RenderMessage, keyof rival.RenderMessage>;
  t4: Equal<keyof compat.Payload, keyof rival.Payload>;
  t5: Equal<keyof compat.Config, keyof rival.Config>;
  t6: Equal<keyof compat.client_return, keyof rival.client_return>;
  t7: Equal<compat.SpaceStatus, rival.SpaceStatus>;
  t8: Equal<compat.UploadResponse, rival.UploadResponse>;
  t9: Equal<compat.ValidationError, rival.ValidationError>;
  t10: Equal<compat.ReplayTarget, rival.ReplayTarget>;
  t11: Equal<compat.RunHistoryStorage, rival.RunHistoryStorage>;
  t12: Equal<compat.StoredRunComponent, rival.StoredRunComponent>;
  t13: Equal<keyof compat.RunHistoryScope, keyof rival.RunHistoryScope>;
  t14: Equal<keyof compat.StoredRun, keyof rival.StoredRun>;
  t15: Equal<compat.HistoryRecord, rival.HistoryRecord>;
  t16: Equal<compat.HistoryResult<string>, rival.HistoryResult<string>>;
} = {
  t0: true,
  t1: true,
  t2: true,
  t3: true,
  t4: true,
  t5: true,
  t6: true,
  t7: true,
  t8: true,
  t9: true,
  t10: true,
  t11: true,
  t12: true,
  t13: true,
  t14: true,
  t15: true,
  t16: true,
};
