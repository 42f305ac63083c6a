"""The kinds of files that are served, by the ending of their address: one table for everything that asks."""

CONTENT_TYPES = {
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "mp4": "video/mp4",
    "vtt": "text/vtt; charset=utf-8",
}
EXTENSIONS = "|".join(CONTENT_TYPES)  # for a regular expression
