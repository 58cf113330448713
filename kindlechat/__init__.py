"""Kindlechat: AI chat on devices the web forgot.

A question comes in through `web/` and goes on to `relay/`, which asks the model through `upstream/`. Each
piece of the answer is kept by `stores/`, and then shown: `web/` follows the relay's log and has `rendering/`
make a page of it. docs/architecture.md has this walk step by step.
"""
