"""The web edge: the API, the pages, and what protects them.

A request comes through `middleware/` to a handler: `api`, or one of the modules of pages. What it brings is
read in `request/`, whose it is in `reader/`. A question goes on through `gate` and `intake` to the relay; its
answer comes back through `conversation/`. `app` wires all that, and `serving/` is the process around it.
"""
