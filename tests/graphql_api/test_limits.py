"""Every limit refuses by name and number; hostile documents cost little."""

import time

import pytest

from tests.graphql_api.sample import Api


async def refusal(api: Api, query: str, variables: dict[str, object] | None = None) -> dict[str, object]:
    reply = await api.query(query, variables)
    assert reply.status == 400, reply.json
    extensions: dict[str, object] = reply.json["errors"][0]["extensions"]
    assert str(extensions["allowed"]) in reply.json["errors"][0]["message"]
    return extensions


def nested(levels: int) -> str:
    return "{ notes { edges { node { " + "next { " * (levels - 4) + "id" + " }" * (levels - 4) + " } } } }"


async def test_depth_of_12_runs_and_13_is_refused(api: Api) -> None:
    assert (await api.query(nested(12))).status == 200
    assert (await refusal(api, nested(13))).items() >= {"limit": "depth", "allowed": 12, "found": 13}.items()


async def test_depth_counts_through_fragments(api: Api) -> None:
    query = nested(10).replace("id }", "...F }", 1) + " fragment F on Note { next { next { next { id } } } }"
    assert (await refusal(api, query))["limit"] == "depth"


async def test_30_aliases_run_and_31_are_refused(api: Api) -> None:
    aliases = "{ " + " ".join(f"a{number}: __typename" for number in range(30)) + "%s }"
    assert (await api.query(aliases % "")).status == 200
    assert (await refusal(api, aliases % " b: __typename")).items() >= {"limit": "aliases", "found": 31}.items()


@pytest.mark.parametrize("field", ["next { id }", "id", "x: rank"])
async def test_field_repeated_hundreds_of_times_is_refused_before_validation(api: Api, field: str) -> None:
    started = time.perf_counter()
    extensions = await refusal(api, "{ notes { edges { node { " + f"{field} " * 400 + "} } } }")
    assert extensions.items() >= {"limit": "repetitions of a field", "allowed": 20, "found": 400}.items()
    assert time.perf_counter() - started < 1


async def test_ten_thousand_aliases_are_refused_at_the_tokens(api: Api) -> None:
    query = "{ " + " ".join(f"a{number}:echo" for number in range(10_000)) + " }"
    assert (await refusal(api, query)).items() >= {"limit": "tokens", "allowed": 2000}.items()


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ notes(first: 100) { edges { node { answers(first: 50) { edges { node { id } } } } } } }", {}),
        ("{ notes(last: 100) { edges { node { answers(last: 50) { edges { node { id } } } } } } }", {}),
        (
            "query($n: Int!) { notes(first: $n) { edges { node { answers(first: $n) { edges { cursor } } } } } }",
            {"n": 90},
        ),
        ("query($n: Int = 90) { notes(first: $n) { edges { node { answers(first: $n) { edges { cursor } } } } } }", {}),
        (
            "{ notes(first: 100) { edges { node { ...F } } } } fragment F on Note { answers(first: 60) { edges { cursor } } }",  # noqa: E501
            {},
        ),
        ("{ notes(first: 100) { edges { node { ... { answers(first: 60) { edges { cursor } } } } } } }", {}),
        ("{ notes { edges { node { answers { edges { node { answers { edges { cursor } } } } } } } } }", {}),
        (
            "{ notes(first: 100) { edges { node { next { "
            + " ".join(f"a{n}: next {{ id }}" for n in range(30))
            + " next { next { id } } next { ...F } } } } } } fragment F on Note { answers { edges { cursor } } }",
            {},
        ),
    ],
)
async def test_cost_over_5000_by_page_sizes_is_refused(api: Api, query: str, variables: dict[str, object]) -> None:
    extensions = await refusal(api, query, variables)
    assert extensions.items() >= {"limit": "cost", "allowed": 5000}.items()


async def test_cost_below_5000_runs(api: Api) -> None:
    query = "{ notes(first: 50) { edges { node { answers(first: 90) { edges { node { id } } } } } } }"
    assert (await api.query(query)).status == 200


async def test_fragments_that_double_at_each_step_cost_no_time(api: Api) -> None:
    steps = 60
    query = "{ notes { edges { node { ...F0 } } } } " + " ".join(
        f"fragment F{n} on Note {{ id ...F{n + 1} ... {{ ...F{n + 1} }} }}" for n in range(steps)
    )
    query += f" fragment F{steps} on Note {{ id }}"
    started = time.perf_counter()
    reply = await api.query(query)
    assert time.perf_counter() - started < 5
    assert reply.status == 200


@pytest.mark.parametrize(
    "query",
    [
        "{ " * 1500,
        "{" + "a{" * 900 + "}" * 901,
        "{ " + "... { " * 400 + "__typename" + " }" * 401,
        "query($a: " + "[" * 900 + "Int" + "]" * 900 + ") { __typename }",
        "{ echo(text: " + "[" * 900 + "]" * 900 + ") }",
        "{ a @include(if: " + "{a:" * 500 + "1" + "}" * 500 + ") }",
        "{ __typename" + " @include(if: true)" * 300 + " }",
        "fragment A on Note { ...A } { notes { edges { node { ...A } } } }",
        "{ ...Missing }",
        "#" * 200_000,
        "\x00{ __typename }",
        '{ echo(text: "\\ud800") }',
        "subscription { x }",
        "type X { a: Int }",
    ],
)
async def test_hostile_documents_are_refused_quickly(api: Api, query: str) -> None:
    started = time.perf_counter()
    reply = await api.query(query)
    assert time.perf_counter() - started < 5
    assert reply.status in {200, 400}
    assert "INTERNAL" not in reply.codes


async def test_deeply_nested_variables_are_refused(api: Api) -> None:
    content = b'{"query":"{ __typename }","variables":{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}}"
    reply = await api.send("POST", content=content, headers={"content-type": "application/json"})
    assert reply.status == 400


async def test_nul_and_invisible_characters_come_back_as_they_are(api: Api) -> None:
    text = "a\x00b\u202e\u200b"
    reply = await api.query("query($t: String!) { echo(text: $t) }", {"t": text})
    assert reply.json == {"data": {"echo": text}}


async def test_lone_surrogate_in_an_answer_is_escaped(api: Api) -> None:
    reply = await api.query("{ surrogate }")
    assert reply.status == 200
    assert "\\ud800" in reply.response.text


async def test_schema_cannot_be_walked_for_ever(api: Api) -> None:
    query = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    assert (await api.query(query)).status == 400
