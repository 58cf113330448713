"""The server's routes, and the addresses that the generator keeps free for them."""

from flask import Flask

from kindlechat.site.addresses import RESERVED, ROUTE, SERVER_FOLDERS, SERVER_PAGES, SLUG
from kindlechat.web.app import BLUEPRINTS


def routes():
    """The addresses of the server that a page could have, too: a page has no dot in its name."""
    app = Flask("routes", static_folder=None)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    return [rule for rule in rules if SLUG.fullmatch(rule[1:].partition("/")[0])]


def test_the_generator_reserves_the_servers_addresses_and_no_others():
    names = {rule[1:].partition("/")[0] for rule in routes()}
    assert names == {*SERVER_PAGES, *SERVER_FOLDERS}


def test_a_link_of_a_page_may_lead_to_each_route():
    for rule in routes():
        assert ROUTE.fullmatch(rule), rule
        assert RESERVED.fullmatch(rule), rule
