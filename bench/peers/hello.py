"""The least that Flask can serve."""

from flask import Flask

application = Flask(__name__)


@application.route("/", methods=["GET", "POST"])
def hello() -> str:
    return "Halo"
