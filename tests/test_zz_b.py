def test_t(db): 
    from accounts.models import Role
    from tickets.models import Status
    assert Role.objects.exists() and Status.objects.exists()
