"""Wrongs are put right: plans, actions, who says that they were done."""
