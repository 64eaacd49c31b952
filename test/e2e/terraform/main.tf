terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
variable "endpoint" {}
variable "key" {}
variable "secret" {}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = var.key
  secret_key                  = var.secret
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints { iot = var.endpoint }
}
resource "aws_iot_thing_type" "lamp" {
  name = "lamp"
  properties {
    description           = "a lamp"
    searchable_attributes = ["room"]
  }
  deprecated = false
}
resource "aws_iot_thing_group" "parent" { name = "building" }
resource "aws_iot_thing_group" "child" {
  name              = "floor"
  parent_group_name = aws_iot_thing_group.parent.name
  properties {
    description = "one floor"
    attribute_payload { attributes = { level = "1" } }
  }
  tags = { owner = "me" }
}
resource "aws_iot_billing_group" "b" {
  name = "bill"
  properties { description = "who pays" }
}
resource "aws_iot_thing" "lamp" {
  name            = "lamp-1"
  thing_type_name = aws_iot_thing_type.lamp.name
  attributes      = { room = "attic" }
}
resource "aws_iot_thing_group_membership" "m" {
  thing_name       = aws_iot_thing.lamp.name
  thing_group_name = aws_iot_thing_group.child.name
}
resource "aws_iot_certificate" "c" { active = true }
resource "aws_iot_policy" "p" {
  name   = "devices"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["iot:*"], Resource = "*" }] })
}
resource "aws_iot_policy_attachment" "a" {
  policy = aws_iot_policy.p.name
  target = aws_iot_certificate.c.arn
}
resource "aws_iot_thing_principal_attachment" "t" {
  thing     = aws_iot_thing.lamp.name
  principal = aws_iot_certificate.c.arn
}
resource "aws_iot_topic_rule" "r" {
  name        = "hot"
  enabled     = true
  sql         = "SELECT * FROM 'a/+' WHERE t > 40"
  sql_version = "2016-03-23"
  republish {
    role_arn = "arn:aws:iam::000000000000:role/rules"
    topic    = "alarms"
    qos      = 1
  }
}
resource "aws_iot_event_configurations" "e" {
  event_configurations = {
    "THING"                  = true, "THING_GROUP" = false, "THING_TYPE" = true, "THING_GROUP_MEMBERSHIP" = false, "THING_GROUP_HIERARCHY" = false,
    "THING_TYPE_ASSOCIATION" = false, "JOB" = false, "JOB_EXECUTION" = false, "POLICY" = false, "CERTIFICATE" = true, "CA_CERTIFICATE" = false
  }
}
data "aws_iot_endpoint" "x" { endpoint_type = "iot:Data-ATS" }
output "endpoint" { value = data.aws_iot_endpoint.x.endpoint_address }
