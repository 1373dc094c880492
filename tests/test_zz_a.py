import pytest
@pytest.mark.django_db(transaction=True)
def test_t(): 
    from accounts.models import Role
    from tickets.models import Status
    assert Role.objects.exists() and Status.objects.exists()
def test_t2(transactional_db): test_t()
