"""Runs a command on a pseudo-terminal.

    terminal.py STREAMS COMMAND…     STREAMS: those of in, out and err that are the terminal, as in "out,err"

TERMINAL_SIZE is its number of columns and rows; the default is 80x24.

What the command writes to the terminal goes to stdout. A stream that is not the terminal is inherited: stderr as it is, stdout as file
descriptor 3. What is read from stdin is typed on the terminal.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

streams, command = sys.argv[1].split(","), sys.argv[2:]
columns, rows = map(int, os.environ.get("TERMINAL_SIZE", "80x24").split("x"))
inherited_err = os.dup(2)
null = os.open(os.devnull, os.O_RDONLY)
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    if "in" not in streams:
        os.dup2(null, 0)
    if "out" not in streams:
        os.dup2(3, 1)
    if "err" not in streams:
        os.dup2(inherited_err, 2)
    os.execvp(command[0], command)

typed = True
while True:
    ready, _, _ = select.select([terminal, 0] if typed else [terminal], [], [])
    if 0 in ready:
        text = os.read(0, 4096)
        typed = bool(text)
        if text:
            os.write(terminal, text)
    if terminal in ready:
        try:
            said = os.read(terminal, 65536)
        except OSError:
            break
        if not said:
            break
        os.write(1, said)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
