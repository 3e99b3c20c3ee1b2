"""What becomes of the zip, without packaging for real (`make package` does that)."""

import json
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import holidays
import pytest

from infra import binaries, bundle, package, packaged

ROOT = Path(__file__).resolve().parents[2]


def shared_object(machine: int, *symbols: str) -> bytes:
    """The start of an ELF file for a processor, and a string table with version names."""
    header = b"\x7fELF" + bytes(12) + struct.pack("<HH", 3, machine) + bytes(44)
    return header + b"\0" + b"\0".join(symbol.encode() for symbol in symbols) + b"\0"


def complaints(directory: Path, architecture: str) -> list[str]:
    return list(binaries.unfit(directory, architecture))


def test_a_shared_object_for_the_runtime_is_let_through(tmp_path: Path) -> None:
    (tmp_path / "good.so").write_bytes(shared_object(62, "GLIBC_2.2.5", "GLIBC_2.34"))
    assert complaints(tmp_path, "x86_64") == []


def test_a_shared_object_that_needs_a_newer_c_library_is_named(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "new.so").write_bytes(shared_object(183, "GLIBC_2.17", "GLIBC_2.38"))
    assert complaints(tmp_path, "arm64") == ["deep/new.so needs glibc 2.38; the runtime has 2.34"]


def test_versions_are_compared_as_numbers(tmp_path: Path) -> None:
    (tmp_path / "old.so").write_bytes(shared_object(62, "GLIBC_2.4", "GLIBC_2.9"))
    assert complaints(tmp_path, "x86_64") == []


def test_a_shared_object_for_another_processor_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.so").write_bytes(shared_object(62))
    assert complaints(tmp_path, "arm64") == ["other.so is for ELF machine 62, not for arm64"]


def test_what_is_no_program_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("GLIBC_2.99 is not needed here")
    (tmp_path / "empty").touch()
    assert complaints(tmp_path, "x86_64") == []


def an_unpacked_package(root: Path) -> Path:
    files = {
        "app.py": "value = 1\n",
        "chalicelib/__init__.py": "",
        "chalicelib/__pycache__/__init__.cpython-39.pyc": "stale",
        "boto3/__init__.py": "",
        "boto3/examples/s3.rst": "x",
        "botocore/data/endpoints.json": "{}",
        "botocore/data/dynamodb/2012-08-10/service-2.json": "{}",
        "botocore/data/ec2/2016-11-15/service-2.json": "{}",
        "holidays/locale/de/LC_MESSAGES/DE.mo": "x",
        "holidays/financial/european_central_bank.py": "x",
        "some-1.0.dist-info/METADATA": "Version: 1.0\n",
        "some-1.0.dist-info/RECORD": "x",
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_business_days_do_without_what_the_package_leaves_out(tmp_path: Path) -> None:
    installed = Path(holidays.__file__).parent
    shutil.copytree(installed, tmp_path / "holidays")
    bundle.prune(tmp_path)
    assert not (tmp_path / "holidays" / "locale").exists()
    code = (
        "import holidays; from datetime import date\n"
        "china = holidays.country_holidays('CN')\n"
        "print(holidays.__file__, china.is_working_day(date(2026, 1, 4)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == [str(tmp_path / "holidays" / "__init__.py"), "True"]


def finish(raw: Path, out: Path) -> bundle.Bundle:
    return bundle.finish(raw, out, interpreter=Path(sys.executable), architecture="arm64")


@pytest.fixture
def raw_zip(tmp_path: Path) -> Path:
    root = an_unpacked_package(tmp_path / "unpacked")
    bundle.write_zip(root, tmp_path / "raw.zip")
    return tmp_path / "raw.zip"


def test_the_zip_has_what_is_called_and_bytecode_for_it(raw_zip: Path, tmp_path: Path) -> None:
    made = finish(raw_zip, tmp_path / "dist" / "deployment.zip")
    tag = sys.implementation.cache_tag
    assert names(made.path) == [
        f"__pycache__/app.{tag}.pyc",
        "app.py",
        "boto3/__init__.py",
        f"boto3/__pycache__/__init__.{tag}.pyc",
        "botocore/data/dynamodb/2012-08-10/service-2.json",
        "botocore/data/endpoints.json",
        "chalicelib/__init__.py",
        f"chalicelib/__pycache__/__init__.{tag}.pyc",
        "some-1.0.dist-info/METADATA",
    ]
    assert made.zipped == made.path.stat().st_size
    assert made.unzipped > 0


def test_bytecode_is_believed_without_a_look_at_the_source(raw_zip: Path, tmp_path: Path) -> None:
    made = finish(raw_zip, tmp_path / "deployment.zip")
    with zipfile.ZipFile(made.path) as archive:
        compiled = archive.read(f"__pycache__/app.{sys.implementation.cache_tag}.pyc")
    flags = int.from_bytes(compiled[4:8], "little")  # PEP 552: hash-based, source not checked
    assert flags == 0b01
    assert b"/var/task/app.py" in compiled
    assert str(tmp_path).encode() not in compiled


def test_the_same_input_gives_the_same_bytes(raw_zip: Path, tmp_path: Path) -> None:
    one, other = finish(raw_zip, tmp_path / "one.zip"), finish(raw_zip, tmp_path / "other.zip")
    assert one.sha256 == other.sha256
    assert one.path.read_bytes() == other.path.read_bytes()


def test_an_unfit_package_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    root = an_unpacked_package(tmp_path / "unpacked")
    (root / "lib.so").write_bytes(shared_object(62))
    bundle.write_zip(root, tmp_path / "raw.zip")
    with pytest.raises(bundle.Unfit, match=r"lib\.so is for ELF machine 62"):
        finish(tmp_path / "raw.zip", tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_only_the_services_that_policies_allow_keep_their_description(
    policies: dict[str, list[dict[str, Any]]],
) -> None:
    called = {
        action.split(":")[0]
        for statements in policies.values()
        for statement in statements
        for action in statement["Action"]
    }
    assert called - {"logs"} == bundle.SERVICES - {"sts"}


def test_an_export_has_the_code_and_nothing_hidden_or_compiled(tmp_path: Path) -> None:
    source = tmp_path / "source"
    files = {
        "app.py": "",
        "chalicelib/__init__.py": "",
        "chalicelib/rules.json": "{}",
        "chalicelib/.notes": "",
        "chalicelib/__pycache__/x.cpython-313.pyc": "",
        ".chalice/config.json": '{"lambda_architecture": "arm64", "app_name": "handshake"}',
        ".chalice/deployments/old.zip": "",
        "infra/policies/run_job.json": "{}",
        "infra/template.yaml": "",
        "infra/package.py": "",
        "requirements.txt": "",
        "README.md": "",
    }
    for name, content in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    package.export(source, tmp_path / "project", architecture="x86_64")
    found = {
        str(path.relative_to(tmp_path / "project"))
        for path in (tmp_path / "project").rglob("*")
        if path.is_file()
    }
    assert found == {
        "app.py",
        "chalicelib/__init__.py",
        "chalicelib/rules.json",
        ".chalice/config.json",
        "infra/policies/run_job.json",
        "infra/template.yaml",
        "requirements.txt",
    }
    config = json.loads((tmp_path / "project" / ".chalice" / "config.json").read_text())
    assert config == {"lambda_architecture": "x86_64", "app_name": "handshake"}


def chalice_template() -> str:
    """The parts of Chalice's template that are finished; an alias as its YAML has them."""
    return """
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  APIHandler: {Properties: {FunctionName: {'Fn::Sub': 'ours-${Stage}-api'}}}
  Authorize: {Properties: {FunctionName: {'Fn::Sub': 'ours-${Stage}-authorize'}}}
  Other: {Properties: {Value: {'Fn::Sub': '${APIHandler.Arn}'}}}
  RestAPI:
    Properties:
      DefinitionBody:
        paths:
          /health: {get: &route {uri: {'Fn::Sub': 'path/${APIHandler.Arn}/invocations'}}}
          /v1/other: {get: *route, options: {type: mock, consumes: [application/json]}}
        securityDefinitions:
          authorize: {authorizerUri: {'Fn::Sub': 'path/${Authorize.Arn}/invocations'}}
"""


def test_the_api_names_its_functions_so_that_they_may_know_its_address() -> None:
    def uri(name: str) -> dict[str, str]:
        start = "path/arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
        return {"Fn::Sub": f"{start}ours-${{Stage}}-{name}/invocations"}

    resources = packaged.finished(chalice_template(), stage="prod")["Resources"]
    assert resources["RestAPI"]["Properties"]["DefinitionBody"] == {
        "paths": {
            "/health": {"get": {"uri": uri("api")}},
            "/v1/other": {
                "get": {"uri": uri("api")},
                "options": {"type": "mock", "consumes": ["application/json"]},
            },
        },
        "securityDefinitions": {"authorize": {"authorizerUri": uri("authorize")}},
    }
    assert resources["Other"]["Properties"]["Value"] == {"Fn::Sub": "${APIHandler.Arn}"}


def test_the_routes_of_the_vault_go_to_the_function_that_may_open_it() -> None:
    integration = {"uri": {"Fn::Sub": "path/${APIHandler.Arn}/invocations"}, "type": "aws_proxy"}
    template: dict[str, Any] = {
        "Parameters": {"Stage": {}},
        "Resources": {
            name: {"Properties": {"FunctionName": {"Fn::Sub": name.lower()}}}
            for name in ("APIHandler", "VaultHandler")
        },
    }
    method = {"x-amazon-apigateway-integration": integration}
    paths = {"/v1/a": {"get": dict(method)}, "/v1/b": {"get": dict(method), "put": dict(method)}}
    template["Resources"]["RestAPI"] = {"Properties": {"DefinitionBody": {"paths": paths}}}

    made = packaged.finished(json.dumps(template), stage="dev", vault_routes=[("/v1/b", "PUT")])

    found = made["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    answered_by = {
        (path, name): of_method["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"].split(":")[-1]
        for path, methods in found.items()
        for name, of_method in methods.items()
    }
    assert answered_by == {
        ("/v1/a", "get"): "apihandler/invocations",
        ("/v1/b", "get"): "apihandler/invocations",
        ("/v1/b", "put"): "vaulthandler/invocations",
    }


def test_every_route_that_opens_or_keeps_an_identity_is_one_of_them() -> None:
    routes = set(packaged.vault_routes())
    assert ("/v1/grievances/{grievance_id}/identity/openings", "POST") in routes
    assert ("/v1/grievances/{grievance_id}/identity", "PUT") in routes
    assert ("/v1/grievances", "POST") not in routes


def test_a_package_is_for_its_own_stage_unless_told_otherwise() -> None:
    template = packaged.finished(chalice_template(), stage="prod")
    assert template["Parameters"]["Stage"]["Default"] == "prod"


def test_a_template_cfn_lint_refuses_is_not_packaged(tmp_path: Path) -> None:
    broken = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Nmae": "x"}}}}
    with pytest.raises(packaged.LintFailed, match="Nmae"):
        packaged.write(broken, tmp_path / "template.json")


def test_the_storage_part_alone_passes_cfn_lint(tmp_path: Path, template: dict[str, Any]) -> None:
    from infra.template import storage_part

    packaged.write(storage_part(template), tmp_path / "template.json")


def test_without_an_interpreter_package_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PACKAGE_PYTHON", "/nowhere/python")
    assert package.main([]) == 1
    assert "not packaged: packaging needs Python 3.13 or 3.12" in capsys.readouterr().err


def test_without_an_interpreter_e2e_says_so_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from infra.e2e.__main__ import main

    monkeypatch.setenv("PACKAGE_PYTHON", "/nowhere/python")
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("e2e not run: packaging needs Python")
