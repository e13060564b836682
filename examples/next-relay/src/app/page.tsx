import { Chat } from "./chat";
import { Notes } from "./notes";
import { Picture } from "./picture";

export default function Page() {
  return (
    <main>
      <h1>Gradio behind Next</h1>
      <Notes />
      <Chat />
      <Picture />
    </main>
  );
}
