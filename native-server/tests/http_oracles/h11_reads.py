"""What h11 makes of each input: a line of hexadecimal in, a line of JSON out."""

import json
import sys

import h11


def read(data):
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=16 << 10)
    connection.receive_data(data)
    messages, refused = [], False
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                break
            if event is h11.PAUSED:
                if connection.our_state is h11.MUST_CLOSE or connection.their_state is not h11.DONE:
                    break
                connection.start_next_cycle()
            elif isinstance(event, h11.Request):
                request, body = event, b""
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                messages.append([request.method.decode(), request.target.decode(), body.hex()])
                # A CONNECT that succeeds would end the protocol.
                status = 405 if request.method == b"CONNECT" else 200
                connection.send(h11.Response(status_code=status, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE:
                    break
    except h11.RemoteProtocolError:
        refused = True
    # It never keeps a connection of HTTP/1.0.
    ends = refused or connection.our_state is h11.MUST_CLOSE
    return {"messages": messages, "refused": refused, "ends": ends}


for line in sys.stdin:
    print(json.dumps(read(bytes.fromhex(line))))
