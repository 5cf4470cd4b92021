"""Questions to the user during a call, and the sealed state with which the call goes on afterwards."""
