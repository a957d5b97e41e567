"""files.*: the app hands in a file and shares it (the external upload flow)."""

from http import HTTPStatus

from aiohttp import web

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.chat_methods import thread_of
from bot.demo.slack.content import unpacked
from bot.demo.slack.method import Arguments, Method
from bot.demo.slack.shapes import Problems, list_of, shape, string
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import Exchange, World
from bot.messages import limits

UPLOAD = "/upload/"
FILES_AT_ONCE = 10
_FILES = list_of(shape({"id": string(32)}, {"title": string(255)}), FILES_AT_ONCE)


def get_upload_url(world: World, arguments: Arguments) -> Json:
    """An address for so many bytes, and the id the file will have."""
    name, alt = arguments.text("filename"), arguments.maybe("alt_txt") or ""
    size = arguments.number("length", 0)
    if size == 0:
        raise ApiError("invalid_arguments", ["[ERROR] must be more than 0 [json-pointer:/length]"])
    if len(alt) > limits.FILE_ALT:
        raise ApiError("alt_txt_too_large")
    file, secret = world.files.announce(name, size, alt)
    return {"ok": True, "upload_url": f"{world.public_url}{UPLOAD}{secret}", "file_id": file.id}


def complete_upload(world: World, arguments: Arguments) -> Json:
    """One message with files whose bytes are here, in a channel, a direct message or a thread."""
    given = unpacked(arguments.values["files"], "invalid_arguments")
    problems = Problems()
    _FILES(problems, "/files", given)
    if problems.found or not isinstance(given, list):
        raise ApiError("invalid_arguments", problems.found)
    channel = world.writable(arguments.text("channel_id")).id
    thread_ts = thread_of(world, channel, arguments)
    if len({each["id"] for each in given}) != len(given):
        raise ApiError("invalid_arguments", ["[ERROR] the same file twice [json-pointer:/files]"])
    files = [world.files.to_share(each["id"]) for each in given]
    for file, each in zip(files, given, strict=True):
        file.title, file.channel = each.get("title", file.name), channel
    world.talk.post(channel, world.workspace.bot_user_id, "", thread_ts=thread_ts, files=files)
    return {"ok": True, "files": [{"id": file.id, "title": file.title} for file in files]}


async def take_bytes(world: World, request: web.Request) -> web.Response:
    """What is sent to an upload address: the bytes of the file, so many as were announced."""
    status, words, shown = HTTPStatus.OK, "", {"file": "unknown"}
    try:
        file = world.files.expected(request.match_info["secret"])
        shown = {"file": file.id}
        if request.content_type.startswith("multipart/"):
            raise ApiError("raw_bytes_only")
        # Not `request.read()`: the application's limit for other bodies is no limit for files.
        content = bytearray()
        async for piece in request.content.iter_any():
            content += piece
            if len(content) > file.size:
                break
        world.files.receive(request.match_info["secret"], bytes(content))
        words = f"OK - {file.size}"
    except ApiError as wrong:
        status = HTTPStatus.NOT_FOUND if wrong.error.endswith("_url") else HTTPStatus.BAD_REQUEST
        words = wrong.error
    ok = status is HTTPStatus.OK
    answer: Json = {"ok": ok} if ok else {"ok": False, "error": words}
    world.record(Exchange("in", "upload", dict(shown), status, answer, world.clock()))
    return web.Response(text=words, status=status)


METHODS = {
    "files.getUploadURLExternal": Method(
        get_upload_url, "files:write", needs="filename length", takes="alt_txt"
    ),
    "files.completeUploadExternal": Method(
        complete_upload, "files:write", needs="files channel_id", takes="thread_ts"
    ),
}
