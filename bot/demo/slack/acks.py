"""What the app's answer to a delivery does to the person's screen."""

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.content import read_content, read_view
from bot.demo.slack.delivery import Reply
from bot.demo.slack.view_book import View
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import World

NO_ANSWER = "We had some trouble connecting. Try again?"


def why(reply: Reply) -> str:
    """Slack's word for a delivery that failed."""
    return "operation_timeout" if reply.timed_out else "dispatch_failed"


def tell_failure(world: World, user: str, channel: str, what: str, error: str) -> None:
    """Only this person sees that what they did failed."""
    world.talk.whisper(user, channel, f'{what} failed with the error "{error}"')


def after_click(world: World, user: str, channel: str, what: str, reply: Reply) -> None:
    """Slack takes nothing from the answer to a click but that there was one."""
    if not reply.ok:
        tell_failure(world, user, channel, what, why(reply))


def after_command(world: World, user: str, channel: str, command: str, reply: Reply) -> None:
    """The answer to a slash command is shown: to this person, or to the channel if it says so."""
    if not reply.ok:
        tell_failure(world, user, channel, command, why(reply))
        return
    if reply.body == "":
        return
    values: Json = {"text": reply.body} if not isinstance(reply.body, dict) else reply.body
    try:
        content = read_content(values)
    except ApiError as wrong:
        tell_failure(world, user, channel, command, " ".join([wrong.error, *wrong.problems]))
        return
    if values.get("response_type") == "in_channel":
        world.talk.post(channel, world.workspace.bot_user_id, content.text, blocks=content.blocks)
    else:
        world.talk.whisper(user, channel, content.text, blocks=content.blocks)


def after_submission(world: World, view: View, reply: Reply) -> None:
    """Close the view, or do what `response_action` says: errors, update, push, clear."""
    if not reply.ok:
        world.views.show_errors(view, {"": f"{NO_ANSWER} ({why(reply)})"})
        return
    try:
        _act(world, view, reply.body)
    except ApiError as wrong:
        world.views.show_errors(view, {"": " ".join([NO_ANSWER, wrong.error, *wrong.problems])})


def _act(world: World, view: View, body: object) -> None:
    if body in ("", {}):
        if world.views.find(view.id) is view:
            world.views.close(view)
        return
    match body:
        case {"response_action": "clear"}:
            world.views.clear(view.user)
        case {"response_action": "errors", "errors": dict(errors)} if errors:
            world.views.show_errors(view, _known_fields(view, errors))
        case {"response_action": "update", "view": dict(new)}:
            world.views.update(view, read_view(new, "modal"))
        case {"response_action": "push", "view": dict(new)}:
            world.views.push(view.user, read_view(new, "modal"))
        case _:
            raise ApiError("invalid_response_action")


def _known_fields(view: View, errors: Json) -> dict[str, str]:
    """Errors belong to input blocks of the view; a sentence for anything else would never be seen."""
    fields = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    for block_id, sentence in errors.items():
        if block_id not in fields or not isinstance(sentence, str) or not sentence:
            raise ApiError("invalid_errors", [f"[ERROR] no input block takes this error: {block_id}"])
    return {str(block_id): str(sentence) for block_id, sentence in errors.items()}
