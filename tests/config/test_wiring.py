"""What joins packages that do not know each other."""

import pytest

from config import wiring
from inference import services
from inference.errors import ThirdPartyRefusedError
from inference.policy import REQUIRED, Question
from tests.factories.cast import make_actor
from tests.factories.inference import make_centre
from tests.factories.vendors import find_all, make_ai_vendor, sign

pytestmark = [pytest.mark.django_db, pytest.mark.req("AI-18")]


def test_a_third_partys_network_runs_once_the_register_has_all_of_its_papers() -> None:
    centre = make_centre(with_rule=False, supplier={"name": "Caries Reader", "relation": "third-party"})
    officer = make_actor(centre.tenant, "compliance_officer")
    find_all(officer, sign(officer, make_ai_vendor(officer, encrypts_at_rest="no")))

    with pytest.raises(ThirdPartyRefusedError, match="encryption-at-rest"):
        services.add_rule(actor=centre.owner, network_id=centre.network_id, conditions=services.Conditions())

    other = make_centre(with_rule=False, supplier={"name": "Caries Reader", "relation": "third-party"})
    officer = make_actor(other.tenant, "compliance_officer")
    find_all(officer, sign(officer, make_ai_vendor(officer)))
    services.add_rule(actor=other.owner, network_id=other.network_id, conditions=services.Conditions())

    assert wiring.third_party_papers(Question(other.tenant.id, "Caries Reader")).on_record == frozenset(REQUIRED)
    assert not wiring.third_party_papers(Question(other.tenant.id, "Somebody else")).on_record
