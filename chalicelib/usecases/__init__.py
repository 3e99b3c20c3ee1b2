"""The story: one file for each verb, one public function each, read top-down."""
