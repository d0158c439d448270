"""Forms of the vocabulary: what stands in the controls of a page, and the profile data that it says.

Pure: no request, no HTML. ``entries`` holds one field, ``cards`` the records of a list, ``sheet`` a page of both.
Nothing here interprets a value: ``engine.values`` and ``engine.profile`` do.
"""
