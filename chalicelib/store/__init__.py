"""The only room that sees boto3 and a ClientError."""
