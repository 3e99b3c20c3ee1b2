"""`make e2e`: the packaged template and zip, deployed into an emulator that runs them."""
