"""The whole service on one machine: moto as AWS, the app over HTTP, the schedules ticking."""
