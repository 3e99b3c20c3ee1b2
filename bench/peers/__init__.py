"""The same two routes as others would build them. Each module has a `handle(event, context)`.

All that take a body validate it with the same models and do the same work, so what differs is the
framework. The bare Chalice apps do less: they hand back the JSON they got.
"""
