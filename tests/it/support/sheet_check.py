"""Writes and reads workbooks with openpyxl, which is not ours: `write FILE`, or `read FILE` as JSON."""

import datetime
import json
import sys

import openpyxl
from openpyxl.styles import Font


def write(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Kandidater"
    sheet.append(["Kandidater til hold 7"])
    sheet.merge_cells("A1:E1")
    sheet.append([])
    sheet.append(["Navn", "E-mail", "Tlf.", "Født", "Jobcenter", None, "Dansk", "Note", "Møder op"])
    people = [
        ["Søs Å", "soes@post.example", 12345678, datetime.date(1987, 4, 12), "Jobcenter Øst", None, 2, "x", True],
        ["Bo Holm", " bo@post.example ", "+45 00 12", datetime.datetime(1990, 8, 30), None, None, 10, None, False],
        ["Skjult", "skjult@post.example", None, None, None, None, None, None, None],
        ["=\"Ida \"&\"Ø\"", "ida@post.example", None, "12-04-1987", "Jobcenter Vest", None, None, None, None],
    ]
    for row in people:
        sheet.append(row)
    sheet.merge_cells("E4:E6")
    for at in range(4, 8):
        sheet.cell(at, 7).number_format = "00"
        sheet.cell(at, 4).number_format = "dd-mm-yyyy"
    sheet["C3"].font = Font(bold=True)
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["H"].hidden = True
    book.create_sheet("Tomt")
    hidden = book.create_sheet("Lister")
    hidden["A1"] = "Jobcenter Øst"
    hidden.sheet_state = "hidden"
    book.save(path)


def read(path):
    book = openpyxl.load_workbook(path)
    sheets = []
    for sheet in book.worksheets:
        cells = []
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    value = cell.value
                    if isinstance(value, (datetime.date, datetime.datetime)):
                        value = value.date().isoformat() if isinstance(value, datetime.datetime) else value.isoformat()
                    cells.append([cell.coordinate, cell.data_type, value, cell.font.b, cell.number_format,
                                  bool(cell.quotePrefix)])
        widths = {key: dimension.width for key, dimension in sheet.column_dimensions.items()}
        sheets.append({"name": sheet.title, "freeze": sheet.freeze_panes, "cells": cells, "widths": widths})
    json.dump(sheets, sys.stdout)


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](sys.argv[2])
