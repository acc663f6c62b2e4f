"""The form of a new import: a file, and a mapping that is shipped, was used before, or is uploaded with it."""

from __future__ import annotations

from typing import Any

from django import forms

from numaru.ui.forms import spoken
from numaru.values.text import Text

UPLOAD = "upload"
MAPPING_LIMIT = 256 * 1024  # bytes of a mapping


class NewImport(forms.Form):
    """What is brought in and through which mapping. The kind stands in the mapping."""

    file = forms.FileField(
        label=spoken(Text("파일", "File")),
        help_text=spoken(Text("CSV, CSV.gz, XLSX. 파일은 들인 뒤 지워집니다.", "CSV, CSV.gz or XLSX. It is deleted once it is imported.")),
        error_messages={
            "required": spoken(Text("들일 파일을 고르십시오.", "Choose a file.")),
            "empty": spoken(Text("빈 파일입니다.", "The file is empty.")),
        },
    )
    mapping = forms.ChoiceField(
        label=spoken(Text("매핑", "Mapping")),
        help_text=spoken(Text("열이 무엇을 뜻하는지 적은 파일입니다.", "It says what the columns of the file mean.")),
    )
    mapping_file = forms.FileField(
        label=spoken(Text("매핑 파일", "Mapping file")),
        required=False,
        help_text=spoken(
            Text("위에서 ‘매핑 올리기’를 골랐을 때 씁니다. TOML 파일입니다.", "Used with “Upload a mapping” above. A TOML file.")
        ),
    )
    dry = forms.BooleanField(
        label=spoken(Text("먼저 시험하기", "Test it first")),
        required=False,
        initial=True,
        help_text=spoken(
            Text(
                "아무것도 쓰지 않고 무엇이 달라질지 봅니다. 결과를 보고 들일 수 있습니다.",
                "Writes nothing and shows what would change. You can import it from the result.",
            )
        ),
    )

    def __init__(self, *args: Any, mappings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mapping"]
        field.choices = [(UPLOAD, str(Text("매핑 올리기", "Upload a mapping"))), *mappings]  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = str(Text("목록에서 고르십시오.", "Choose one of the list."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = data.get("mapping_file")
        if data.get("mapping") == UPLOAD and given is None and "mapping_file" not in self.errors:
            self.add_error(
                "mapping_file", str(Text("매핑 파일을 고르거나 위에서 매핑을 고르십시오.", "Choose a mapping file, or a mapping above."))
            )
        if given is not None and given.size > MAPPING_LIMIT:
            self.add_error("mapping_file", str(Text("매핑 파일이 256KB를 넘습니다.", "The mapping is larger than 256 KB.")))
        return data
