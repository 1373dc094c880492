"""The workspace: thin doors that fetch through the policy, call one verb and answer."""
