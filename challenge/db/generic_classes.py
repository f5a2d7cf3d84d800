"""Django's generic classes with their type argument: the stubs ask for one, Django itself accepts none."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin, TabularInline
from django.forms import ModelForm

if TYPE_CHECKING:
    AnyModelAdmin = ModelAdmin[Any]
    AnyModelForm = ModelForm[Any]
    AnyTabularInline = TabularInline[Any, Any]
else:
    AnyModelAdmin, AnyModelForm, AnyTabularInline = ModelAdmin, ModelForm, TabularInline
